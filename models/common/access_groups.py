"""Who may read what this addon adds to Odoo's own models, for the ``groups`` of its fields.

Code that needs such a field for somebody without the group reads it with ``sudo()``.
"""

EMPLOYEES = "base.group_user"
INVOICE_READERS = "account.group_account_invoice,account.group_account_readonly"
DUNNING_USERS = "account_recurrence_dunning.dunning_group_user"
DUNNING_MANAGERS = "account_recurrence_dunning.dunning_group_manager"
# The settings of dunning: who works with it, and who opens the settings.
DUNNING_SETTINGS = f"{DUNNING_USERS},base.group_system"
# What is shown of a user as sender: also to who gives the rights.
DUNNING_SENDERS = f"{DUNNING_USERS},base.group_erp_manager"
# Who says whether a database was moved.
DUNNING_CONFIRMERS = f"{DUNNING_MANAGERS},base.group_system"
