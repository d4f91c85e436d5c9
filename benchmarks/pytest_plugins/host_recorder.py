"""A pytest plugin: what became of each test, and what it cost, as lines of JSON in HOST_RECORD."""

import cProfile
import json
import os
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from odoo import sql_db

# From the best to the worst that may be told of one test.
OUTCOMES = ("passed", "skipped", "failed")


class Recorder:
    def __init__(self, path):
        self.path = path
        self.outcomes, self.texts = {}, {}
        self.counting = bool(os.environ.get("CALLS"))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        cpu, queries = time.process_time(), sql_db.sql_counter
        profile = cProfile.Profile() if self.counting else nullcontext()
        with profile:
            yield
        row = {
            "test": item.nodeid,
            "outcome": self.outcomes.get(item.nodeid, "skipped"),
            "text": self.texts.get(item.nodeid, "")[-4000:],
            "cpu": time.process_time() - cpu,
            "queries": sql_db.sql_counter - queries,
        }
        if self.counting:
            row["calls"] = sum(entry.callcount for entry in profile.getstats())
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def pytest_runtest_logreport(self, report):
        known = self.outcomes.get(report.nodeid, "passed")
        self.outcomes[report.nodeid] = max(known, report.outcome, key=OUTCOMES.index)
        if report.outcome != "passed":
            self.texts[report.nodeid] = str(report.longrepr)


def pytest_configure(config):
    config.pluginmanager.register(Recorder(Path(os.environ["HOST_RECORD"])))
