"""Answers of buttons to the web client: a dialog to open, a word to the user."""

# What may follow a word to the user: the view behind shows what changed, or the dialog closes.
RELOAD, CLOSE = "reload", "close"
NEXT = {
    RELOAD: {"type": "ir.actions.client", "tag": "soft_reload"},
    CLOSE: {"type": "ir.actions.act_window_close"},
}


def open_dialog(dialog, title, **values):
    """Return the action that shows a dialog.

    :param dialog: its record, or the empty one of a model: the client then makes one
    :param values: more of the action, as its ``context``
    """
    return {
        "type": "ir.actions.act_window",
        "name": title,
        "res_model": dialog._name,
        "res_id": dialog.id,
        "view_mode": "form",
        "target": "new",
        **values,
    }


def notify(message, kind="success", then=RELOAD, **params):
    """Return the action that tells the user something.

    :param kind: "success" or "warning"
    :param then: what follows: ``RELOAD``, ``CLOSE`` or an action; None: nothing
    :param params: more for the client, as ``links`` that stand for each ``%s`` of the message, or
        another action that follows as ``next``
    """
    if then and "next" not in params:
        params["next"] = then if isinstance(then, dict) else {**NEXT[then]}
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {"type": kind, "message": message, **params},
    }
