# the mixins first, Odoo's own models, which inherit from them, last
from . import common

# isort: split
from . import recurrence

# isort: split
from . import dunning

# isort: split
from . import inherited
