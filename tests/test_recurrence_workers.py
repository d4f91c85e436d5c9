from concurrent.futures import ThreadPoolExecutor
from datetime import date

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

WORKERS = 4
DAY = date(2026, 3, 2)
NAME = "Recurrence of several workers"


class Killed(Exception):
    """Stands for a worker that dies before it commits."""


@tagged("post_install", "-at_install")
class TestRecurrenceWorkers(BaseCase):
    """Rule 2: dates are generated once, by however many workers, and whatever crashes.

    Works on committed rows with connections of its own, and removes the rows afterwards.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            schedules = self.get_env(cr)["recurrence.schedule"].create(
                [
                    {
                        "name": NAME,
                        "date_start": DAY,
                        "rrule_type": "weekly",
                        "end_type": "count",
                        "count": 20,
                    }
                    for _number in range(10)
                ]
            )
            self.ids = schedules.ids
        self.addCleanup(self.remove)

    def remove(self):
        with self.registry.cursor() as cr:
            self.get_env(cr)["recurrence.schedule"].browse(self.ids).unlink()

    def get_env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def work(self, die=False):
        """Be a worker: generate what is free, until every schedule has been generated."""
        for _attempt in range(50):
            with self.registry.cursor() as cr:
                try:
                    schedules = self.get_env(cr)["recurrence.schedule"]
                    domain = [("id", "in", self.ids), ("generated_until", "=", False)]
                    waiting = schedules.search(domain)
                    if not waiting:
                        return
                    schedules._generate_for(waiting[:3], DAY)
                    schedules.env.flush_all()
                    if die:
                        raise Killed
                except (OperationalError, Killed):
                    cr.rollback()
                    if die:
                        return

    def count_rows(self):
        """Return number of rows, of different dates and of schedules, by plain SQL."""
        with self.registry.cursor() as cr:
            cr.execute(
                """SELECT count(*), count(DISTINCT (schedule_id, rule_date)),
                          count(DISTINCT schedule_id), min(number), max(number)
                     FROM recurrence_occurrence WHERE schedule_id = ANY(%s)""",
                [self.ids],
            )
            return cr.fetchone()

    @mute_logger("odoo.sql_db")
    def test_rule_2_four_workers_on_one_backlog(self):
        with ThreadPoolExecutor(WORKERS) as pool:
            for future in [pool.submit(self.work) for _worker in range(WORKERS)]:
                future.result()
        self.assertEqual(self.count_rows(), (200, 200, 10, 1, 20))

    @mute_logger("odoo.sql_db")
    def test_rule_2_worker_killed_before_its_commit(self):
        self.work(die=True)
        self.assertEqual(self.count_rows()[0], 0)
        self.work()
        self.assertEqual(self.count_rows(), (200, 200, 10, 1, 20))
