"""Random histories of customers and of schedules, against models that know only the rules.

History number n is a customer's and a schedule's, both made of the seed SEED + n. All are played
against the pure engine; every so many-th also by the addon on a database, with real mail.
"""

import os
import random
import time

from . import databases
from .console import Failure, progress, say, step
from .environment import prepare
from .inside import lines_for
from .locations import CHECKOUT
from .mail_server import mail_server

SHARE = 20


def fuzz():
    """Play N histories from SEED on, both kinds of each; return 1 where one fails."""
    try:
        count, seed = int(os.environ.get("N", "1000")), os.environ.get("SEED")
        seed = random.randrange(10**6) if seed is None else int(seed)
    except ValueError as error:
        raise Failure(f"N and SEED are whole numbers: {error}") from error
    environment = prepare()
    template = databases.addon_template(environment)
    with databases.temporary_copy(environment, template, "fuzz") as database:
        with mail_server(database) as smtp:
            step(f"Playing {count} histories, SEED={seed}")
            script = lines_for("dev.fuzz", smtp=smtp, count=count, seed=seed)
            command = ["shell", "-d", database, "--no-http", "--log-level=critical"]
            command = environment.odoo_command(*command)
            return environment.run(command, input=script, text=True, check=False).returncode


def main(env, smtp, out, count, seed):
    """Play them in one process; ends it with the number of failures as its answer."""
    import sys

    from benchmarks import play

    sys.path.insert(0, str(CHECKOUT / "tests"))
    from fuzz import customer, schedule
    from fuzz.history import check
    from fuzz.real_customer import Database
    from fuzz.real_schedule import Planning

    play.set_up_company(env, "Fuzz")
    play.use_mail_server(env, smtp)
    env = env(user=env.ref("base.user_admin"))
    pure = customer.CUSTOMER, schedule.SCHEDULE
    real = *(Database(env).kind,), *Planning(env).kinds
    started, failed, played = time.monotonic(), [], 0
    for number in progress(range(seed, seed + count), "Histories"):
        kinds = pure + real if (number - seed) % SHARE == 0 else pure
        played += len(kinds) - len(pure)
        texts = [text for text in (check(kind, number) for kind in kinds) if text]
        for text in texts:
            say(f"\n{text}")
        if texts:
            failed.append(number)
    say(f"    {played} of them on the database; {time.monotonic() - started:.0f} s")
    out(f"SEED={seed}")
    out(f"{count - len(failed)} passed, {len(failed)} failed")
    sys.stdout.flush()
    env.cr.rollback()
    os._exit(bool(failed))
