"""Runs the benchmarks inside Odoo; ``make bench`` calls it."""

import json

from dev.console import Failure, step

from . import dunning, issuing, workers  # noqa: F401  they register their benchmarks
from .figure import BENCHMARKS
from .workshop import Workshop


def main(env, out, only):
    """Run the benchmark named ``only``, or all; print one JSON object for each.

    :param out: called with each line
    """
    if only and only not in BENCHMARKS:
        raise Failure(f"There is no benchmark '{only}'. There are: {', '.join(BENCHMARKS)}.")
    for name in [only] if only else BENCHMARKS:
        step(name)
        out(json.dumps(BENCHMARKS[name](Workshop(env)).as_dict()))
