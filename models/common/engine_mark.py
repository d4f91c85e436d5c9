"""Marks what this addon itself does to invoices, so that its own guards let it pass."""

# A caller from outside can send no context that holds this object.
ENGINE = object()


def as_engine(records):
    """Return the records in a context that may set the links of this addon."""
    return records.with_context(recurrence_engine=ENGINE)


def is_engine(env):
    """Whether this addon itself is at work, see ``as_engine``."""
    return env.context.get("recurrence_engine") is ENGINE


def as_received(records):
    """Return the records in a context that says: a message is being received by e-mail."""
    return records.with_context(dunning_received=ENGINE)


def is_received(env):
    """Whether what is posted came in by e-mail, see ``as_received``, or a program posts it."""
    return env.su or env.context.get("dunning_received") is ENGINE
