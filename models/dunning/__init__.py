# in the order in which data flows
from . import setup

# isort: split
from . import decide

# isort: split
from . import run

# isort: split
from . import message

# isort: split
from . import status

# isort: split
from . import work

# isort: split
from . import figures
