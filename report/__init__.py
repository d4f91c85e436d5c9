from . import dunning_customer_statements
