"""Runs a benchmark inside Odoo; ``make bench`` calls it."""

import importlib
import json

from . import BENCHMARKS
from .workshop import Workshop


def main(env, out, name):
    """Run the benchmark ``name``; print what it found as one JSON object.

    :param out: called with the line
    """
    module = importlib.import_module(f"{__package__}.{BENCHMARKS[name]}")
    out(json.dumps(getattr(module, name)(Workshop(env)).as_dict()))
