from . import (
    bulk_write_mixin,
    may_write_mixin,
    plain_note_mixin,
    readable_domain_mixin,
    system_field_mixin,
    value_bounds_mixin,
)

# isort: split
from . import own_record_mixin

# isort: split
from . import file_dialog_mixin

# isort: split
from . import (
    access_groups,
    client_action,
    common_defaults,
    engine_mark,
    isolation,
    mail_addresses,
    pdf_stamp,
)
