"""A database of an earlier version, played for a quarter and upgraded: nothing in it may be lost.

The version comes from the history of this checkout, with its own ``make demo``. What the addon's
tables hold is compared column by column before and after; the migrations of the addon say what
got another name.
"""

import importlib.util
import io
import json
import os
import shutil
import subprocess
import tarfile

from dev import databases
from dev.console import Failure, say, step
from dev.environment import prepare
from dev.locations import CHECKOUT, LOGS, STATE
from dev.settings import ADDON

# The last one before models and columns got other names.
EARLIER = "f6c6400e5162"
DATABASE = "upgrade"
# It has another name here, but is no copy: the companies work in it, as after a move.
MOVED = f"""
    UPDATE res_company
       SET dunning_home = '{DATABASE}' || substr(dunning_home, strpos(dunning_home, '@'))
     WHERE dunning_home IS NOT NULL
"""
# What an upgrade itself changes, and what another version does not have.
PASSING = {"write_date", "write_uid"}
COLUMNS = """
    SELECT c.table_name || ' ' || c.column_name || ' ' || (c.data_type = 'jsonb')
      FROM information_schema.columns c
      JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
       AND (c.table_name ~ '^(dunning|recurrence)_' OR c.table_name = 'account_move_tag'
            OR c.table_name IN ('account_move', 'account_move_line', 'res_company', 'res_partner')
               AND c.column_name ~ 'dunning|recurrence|job_')
"""
# What links records of dialogs may go with its table.
EMPTY = "0|"
BAD_LINES = (" WARNING ", " ERROR ", " CRITICAL ")


def upgrade():
    """Upgrade such a database and compare; return 1 where something is lost or complained of."""
    environment = prepare()
    folder = STATE / "upgrade"
    try:
        _restore(environment, _play_earlier(folder))
    finally:
        if (folder / ADDON).exists():
            subprocess.run(["make", "clean"], cwd=folder / ADDON, capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)
    before = _read(environment)
    options = ("-d", DATABASE, "-u", ADDON, "--stop-after-init", "--no-http")
    log = environment.run_odoo(f"Upgrading {ADDON}", *options)
    after = _read(environment)
    names = _load_names()
    problems = [line for line in log.read_text().splitlines() if any(b in line for b in BAD_LINES)]
    for (table, column), found in sorted(before.items()):
        place = names(table, column)
        if not _is_kept(found, after.get(place)):
            problems.append(f"{table}.{column}: {found} before, {after.get(place)} after")
    for problem in problems:
        say(f"    {problem}")
    print(f"{len(before) - len(problems)} passed, {len(problems)} failed")
    return 1 if problems else 0


def _play_earlier(folder):
    """Play the demonstration of the earlier version in a folder; return a dump of its database."""
    step(f"Playing the demonstration of {EARLIER}")
    shutil.rmtree(folder, ignore_errors=True)
    place = folder / ADDON
    command = ["git", "-C", CHECKOUT, "archive", EARLIER]
    archive = subprocess.run(command, capture_output=True, check=False)
    if archive.returncode:
        raise Failure(f"The history of this checkout has no version {EARLIER}: fetch all of it.")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(place, filter="data")
    with (LOGS / "upgrade-demo.log").open("wb") as log:
        command = ["make", "demo", "SERVE=0"]
        subprocess.run(command, cwd=place, stdout=log, stderr=log, check=True)
    dump = STATE / "upgrade.sql"
    script = f'. .dev/env.sh && pg_dump -Ox -d demo -f "{dump}"'
    subprocess.run(["bash", "-c", script], cwd=place, check=True)
    return dump


def _restore(environment, dump):
    databases.drop(environment, DATABASE)
    environment.run(["createdb", DATABASE])
    command = ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", DATABASE, "-f", dump]
    environment.run(command, stdout=subprocess.DEVNULL)
    environment.query(DATABASE, MOVED)
    os.unlink(dump)


def _read(environment):
    """Return ``{(table, column): rows and checksum}`` of what the addon stores.

    Of a column with texts in several languages ``{id: {language: text}}``: see ``_is_kept``.
    """
    found = {}
    for line in environment.query(DATABASE, COLUMNS):
        table, column, is_json = line.split()
        if column in PASSING:
            continue
        if is_json == "true":
            query = f'SELECT id || \' \' || "{column}" FROM {table} WHERE "{column}" IS NOT NULL'
            rows = (line.split(" ", 1) for line in environment.query(DATABASE, query))
            found[table, column] = {key: json.loads(value) for key, value in rows}
            continue
        # in an order that the names of columns do not decide
        value = f"COALESCE(\"{column}\"::text, '')"
        query = f"SELECT count(*), md5(string_agg({value}, ',' ORDER BY {value})) FROM {table}"
        (found[table, column],) = environment.query(DATABASE, query)
    return found


def _is_kept(before, after):
    """Whether nothing is lost; a text may be had in more languages than before."""
    if after is None:
        return not before or before == EMPTY
    if not isinstance(before, dict):
        return after == before
    return before.keys() == after.keys() and all(
        text == after[key] or _is_text_kept(text, after[key]) for key, text in before.items()
    )


def _is_text_kept(before, after):
    both = isinstance(before, dict) and isinstance(after, dict)
    return both and before.items() <= after.items()


def _load_names():
    """Return the function that says where a column is found after the upgrade."""
    tables, columns = {}, {}
    for path in sorted((CHECKOUT / "migrations").glob("*/pre-migrate.py")):
        spec = importlib.util.spec_from_file_location("migration", path)
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        for old, new in migration.MODELS.items():
            tables[old.replace(".", "_")] = new.replace(".", "_")
        for model, old, new in migration.FIELDS:
            columns[model.replace(".", "_"), old] = new
    return lambda table, column: (tables.get(table, table), columns.get((table, column), column))
