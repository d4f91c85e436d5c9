"""Activity types by their XML id: people may delete those that Odoo and this addon bring."""

TODO = "mail.mail_activity_data_todo"


def find_activity_type(env, xml_id):
    """Return an activity type; for one that was deleted Odoo's To-Do, else the first there is.

    What is told to people must never stop what they are told about.
    """
    found = env.ref(xml_id, raise_if_not_found=False) or env.ref(TODO, raise_if_not_found=False)
    return found or env["mail.activity.type"].search([], limit=1)
