"""Leaves a user's own defaults out of what this addon creates, see ``ir.default``."""

from ...tools.common.sealed import ON

# For what is created in a user's name, but not as that user would like it.
COMMON_DEFAULTS = {"recurrence_dunning_common_defaults": ON}
