from . import account_move, dunning_block, dunning_engine, dunning_reason
