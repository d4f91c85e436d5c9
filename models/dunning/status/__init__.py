from . import dunning_customer_mixin, dunning_invoice_mixin

# isort: split
from . import dunning_bulk, dunning_due_status, dunning_end
