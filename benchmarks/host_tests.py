"""Odoo's own tests on two databases, one with this addon: no test may end otherwise with it."""

import json
import os
import shlex
import subprocess
from contextlib import ExitStack

from dev import databases
from dev.console import DIE_WITH_PARENT, Failure, say, step, wait_for
from dev.environment import prepare
from dev.locations import CHECKOUT, LOGS

SIDES = ("without", "with")
PLUGINS = CHECKOUT / "benchmarks" / "pytest_plugins"
# The tests that bear on what the addon touches: by addon the files, without "test_" and ".py".
SELECTED = {
    "account": """
        account_account account_analytic account_bank_statement account_bill_deductibility
        account_inalterable_hash account_invoice_report account_journal account_journal_dashboard
        account_lock_exception account_merge_wizard account_move_attachment
        account_move_date_algorithm account_move_duplicate account_move_entry
        account_move_in_invoice account_move_in_refund account_move_out_invoice
        account_move_out_refund account_move_payments_widget account_move_reconcile
        account_move_send account_partner account_payment account_payment_duplicate
        account_payment_items account_payment_method_line account_payment_register
        account_section_and_subsection account_tax account_to_check audit_trail company_branch
        digest download_docs duplicate_res_partner_bank early_payment_discount fiscal_position
        ir_actions_report kpi_provider mail_tracking_value multivat payment_term
        portal_attachment portal_invoice product res_partner_merge sequence_mixin setup_wizard
        structured_reference transfer_wizard unexpected_invoice
    """,
    "account_payment": "account_payment payment_flows payment_provider",
    "calendar": """
        access_rights attendees calendar calendar_activity calendar_controller
        calendar_recurrent_event_case2 event_notifications event_recurrence mail_activity_mixin
        recurrence_rule res_partner res_users
    """,
    "mail": """
        ir_mail_server mail_activity mail_composer mail_mail mail_message mail_render
        mail_template mail_tools res_partner res_users
    """,
    "portal": "addresses login message_format_portal pager portal portal_wizard",
}
# Both sides are measured under the same load, so that their ratio says what the addon costs.
ALLOWED_RATIO = 1.05
UNITS = {"queries": "queries", "cpu": "s of processor time", "calls": "calls of functions"}


def host_tests():
    """Run the tests on both sides at once; return 1 if any ended otherwise with the addon."""
    environment = prepare(browser=True)
    templates = (
        databases.dependencies_template(environment),
        databases.addon_template(environment),
    )
    records = [LOGS / f"host-tests-{side}.jsonl" for side in SIDES]
    with ExitStack() as stack:
        names = [
            stack.enter_context(databases.temporary_copy(environment, template, f"host{side}"))
            for side, template in zip(SIDES, templates, strict=True)
        ]
        step("Running Odoo's own tests, without the addon and with it")
        processes = [
            stack.enter_context(_start(environment, name, record, side))
            for name, record, side in zip(names, records, SIDES, strict=True)
        ]
        _wait(processes, records)
    without, found = map(_read, records)
    differences = _compare(without, found)
    for line in differences:
        say(f"    {line}")
    _tell_costs(without, found)
    print(f"{len(found) - len(differences)} passed, {len(differences)} failed")
    return 1 if differences else 0


def _start(environment, database, record, side):
    record.parent.mkdir(parents=True, exist_ok=True)
    record.unlink(missing_ok=True)
    addons = environment.odoo_folder / "odoo" / "addons"
    paths = [
        addons / addon / "tests" / f"test_{name}.py"
        for addon, names in SELECTED.items()
        for name in names.split()
    ]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise Failure(f"This Odoo has no {', '.join(missing)}.")
    command = [environment.python, "-m", "pytest", f"--rootdir={addons}", "--odoo-http"]
    command += [f"--odoo-database={database}", "-p", "no:cacheprovider", "-p", "host_recorder"]
    command += ["--import-mode=append", "-q", *shlex.split(os.environ.get("ARGS", "")), *paths]
    variables = environment.process_environment
    variables["PYTHONPATH"] = os.pathsep.join([variables["PYTHONPATH"], str(PLUGINS)])
    variables["HOST_RECORD"] = str(record)
    with (LOGS / f"host-tests-{side}.log").open("wb") as log:
        return subprocess.Popen(
            [*DIE_WITH_PARENT, *map(str, command)],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=LOGS,  # Odoo's addons beside it would stand in for modules of Python
            env=variables,
        )


def _wait(processes, records):
    """Wait for both sides, showing how many tests are done."""

    def done():
        return sum(len(path.read_text().splitlines()) for path in records if path.exists()), None

    wait_for(processes, "Tests of both sides", done)
    # 1: some tests failed, on which the comparison decides
    if any(process.returncode not in (0, 1) for process in processes):
        raise Failure(f"A side did not run to its end: see {LOGS}/host-tests-*.log.")


def _read(record):
    rows = map(json.loads, record.read_text().splitlines())
    return {row["test"]: row for row in rows}


def _compare(without, found):
    """Return a line for each test that ended otherwise with the addon."""
    lines = []
    for test in sorted(without.keys() | found.keys()):
        before, after = (side.get(test, {"outcome": "missing"}) for side in (without, found))
        if before["outcome"] != after["outcome"]:
            text = (after.get("text") or before.get("text") or "").strip().splitlines()
            lines.append(
                f"{test}: {before['outcome']} without, {after['outcome']} with the addon"
                + (f": {text[-1]}" if text else "")
            )
    return lines


def _add_up(key, tests, *sides):
    return [sum(side[test].get(key, 0) for test in tests) for side in sides]


def _tell_costs(without, found):
    """Say what the addon costs in queries and processor time.

    Processor time of one and the same side varies by a tenth between runs; how many functions are
    called does not (``CALLS=1``, which takes twice the time).
    """
    both = [test for test in without if test in found]
    opening = {test.rpartition("::")[0]: test for test in reversed(both)}
    later = [test for test in both if test not in opening.values()]
    for key, unit in UNITS.items():
        before, after = _add_up(key, both, without, found)
        if before:
            ratio = after / before
            mark = "" if ratio <= ALLOWED_RATIO else f", more than {ALLOWED_RATIO:.0%}"
            say(f"    {before:.0f} {unit} without, {after:.0f} with ({ratio - 1:+.1%}{mark})")
        # the first test of a class reads views and languages and makes the class's records
        before, after = _add_up(key, later, without, found)
        if before:
            say(f"        but the first test of each class: {after / before - 1:+.1%}")
    outcomes = [without[test]["outcome"] for test in both]
    counts = {name: outcomes.count(name) for name in sorted(set(outcomes))}
    say(f"    Without the addon: {counts}")
