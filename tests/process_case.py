import os
import subprocess
import sys
import unittest
from contextlib import closing
from uuid import uuid4

from odoo.sql_db import close_db, db_connect
from odoo.tests import BaseCase
from odoo.tools import SQL

TEMPLATE_PREFIX = "template_addon_"


class ProcessCase(BaseCase):
    """Tests with processes of their own on a database of their own, where everything is committed.

    The database is a copy of the template of the developer's tools; without one the tests are
    skipped.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = cls._find_template()
        if not template:
            raise unittest.SkipTest("no template database to copy; use the developer's tools")
        cls.database = f"processes_{uuid4().hex[:8]}"
        name = SQL.identifier(cls.database)
        copied = SQL("CREATE DATABASE %s TEMPLATE %s", name, SQL.identifier(template))
        cls._administer(copied)
        cls.addClassCleanup(cls._administer, SQL("DROP DATABASE %s WITH (FORCE)", name))
        cls.addClassCleanup(close_db, cls.database)

    @classmethod
    def _find_template(cls):
        with closing(db_connect("postgres").cursor()) as cr:
            cr.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s"
                " AND datname NOT LIKE %s ORDER BY oid DESC LIMIT 1",
                [TEMPLATE_PREFIX + "%", "%_partial"],
            )
            return (cr.fetchone() or [None])[0]

    @classmethod
    def _administer(cls, query):
        with closing(db_connect("postgres").cursor()) as cr:
            cr._cnx.autocommit = True
            cr.execute(query)

    def start(self, script, database=None, **values):
        """Start a process of its own that runs a script in Odoo's shell.

        :param database: None: that of the tests
        :param values: what its placeholders stand for; none: it has no placeholders
        """
        name = database or self.database
        command = [sys.executable, "-m", "odoo", "shell", "-d", name, "--no-http"]
        process = subprocess.Popen(
            [*command, "--log-level=error"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ,
        )
        self.addCleanup(process.stdout.close)
        process.stdin.write(script % values if values else script)
        process.stdin.close()
        return process

    def query(self, statement, database=None, **values):
        """Return what the database holds now, by a connection of its own."""
        assert "SELECT" in statement
        with closing(db_connect(database or self.database).cursor()) as cr:
            cr.execute(statement, values)
            return cr.fetchall()
