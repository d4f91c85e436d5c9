"""Marks what this addon itself does to invoices, so that its own guards let it pass."""

# A caller from outside can send no context that holds this object.
ENGINE = object()


def as_engine(records):
    """Return the records in a context that may set the links of this addon."""
    return records.with_context(recurrence_engine=ENGINE)


def is_engine(env):
    """Whether this addon itself is at work, see ``as_engine``."""
    return env.context.get("recurrence_engine") is ENGINE
