"""What runs inside Odoo: a play of this folder, called with an environment of a database."""

import importlib
import json
from types import SimpleNamespace

from .locations import CHECKOUT

LINES = """
import sys
sys.path.append({checkout!r})
from dev import inside
inside.call(env, {request!r})
"""


def lines_for(module, smtp=None, **arguments):
    """What to pipe into Odoo's shell to call ``module.main(env, out=print, **arguments)``.

    :param smtp: the running mail server, for plays that take it as ``smtp``: its ``host``,
        ``port`` and ``maildir``
    """
    request = json.dumps([module, smtp and vars(smtp), arguments])
    return LINES.format(checkout=str(CHECKOUT), request=request)


def call(env, request):
    """Run the module's ``main``, keep what it did, print what it returns as one line of JSON."""
    module, smtp, arguments = json.loads(request)
    if smtp:
        arguments["smtp"] = SimpleNamespace(**smtp)
    result = importlib.import_module(module).main(env, out=print, **arguments)
    env.cr.commit()
    if result is not None:
        print(json.dumps(result), flush=True)
