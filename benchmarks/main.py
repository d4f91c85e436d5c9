"""Runs a benchmark inside Odoo; ``make bench`` calls it."""

import importlib
import json

from . import BENCHMARKS
from .workshop import Workshop


def main(env, out, name):
    """Run the benchmark ``name``; print each figure it found as one JSON object.

    :param out: called with each line
    """
    module = importlib.import_module(f"{__package__}.{BENCHMARKS[name]}")
    found = getattr(module, name)(Workshop(env))
    for figure in found if isinstance(found, list) else [found]:
        out(json.dumps(figure.as_dict()))
