import unittest
from base64 import b64encode
from datetime import date

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningMailCommon

try:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    FUZZED = settings(
        max_examples=60,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    NUMBERS = st.one_of(
        st.integers(-3, 120),
        st.integers(-(10**30), 10**30),
        st.sampled_from([2**31, -(2**31), 2**63]),
    )
    DAYS = st.one_of(
        st.just(False),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(str),
        st.dates().map(str),
    )
    TEXTS = st.one_of(st.text(max_size=20), st.just("x" * 10**6), st.just("a\x00b"))
except ImportError:
    st = None


@unittest.skipIf(st is None, "hypothesis is not installed")
@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningHostileInput(DunningMailCommon):
    """Dialogs of dunning answer whatever is typed or uploaded with a sentence, or do it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@brightwater.example"
        cls.partner_a.email = "a@customer.example"
        cls.moves = cls.create_due_invoice("2026-03-01") | cls.create_due_invoice("2026-02-01")

    def attempt(self, work):
        """Do something and take it back; a refusal must be a sentence."""
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.env.cr.savepoint() as savepoint:
            try:
                with self.mock_mail_gateway():
                    work()
                self.env.flush_all()
                self.check_dates()
            except UserError as refusal:
                self.assertTrue(str(refusal).strip())
            except psycopg2.IntegrityError as error:
                # the client gets the sentence of the constraint (odoo.service.model.retrying)
                self.assertTrue(self.env["dunning.level"]._sql_error_to_message(error))
            savepoint.rollback()
        self.env.invalidate_all()

    def check_dates(self):
        for line in self.moves.line_ids:
            self.assertLessEqual(line.dunning_last_date or date.min, date(2026, 3, 10))

    def upload(self, data):
        wizard = self.env["dunning.import"].create({"file": b64encode(data)})
        wizard.action_read()
        if wizard.matched_count:
            wizard.action_import()
        return wizard

    # === THE IMPORT === #

    def test_b15_a_day_to_come_is_refused_line_by_line(self):
        first, second = self.moves
        text = f"Invoice;Level;Date\n{first.name};1;2126-11-13\n{second.name};1;2026-03-10\n"
        wizard = self.upload(text.encode())
        self.assertEqual((wizard.changed_count, wizard.rejected_count), (1, 1))
        refused = wizard.line_ids.filtered("problem")
        self.assertEqual(
            (refused.line, refused.problem),
            (2, "The date of the last reminder is in the future."),
        )
        self.assertEqual((first.dunning_level, second.dunning_level), (0, 1))

    def test_b15_a_day_to_come_is_refused_in_the_batch_dialog(self):
        batch = self.env["dunning.batch"].with_context(
            active_model="account.move", active_ids=self.moves.ids
        )
        batch = batch.create(
            {"set_level": True, "level": 1, "set_last_date": True, "last_date": "2026-03-11"}
        )
        with self.assertRaisesRegex(UserError, "in the future"):
            batch.action_apply()
        _changed, skipped = self.moves._dunning_apply({"level": 1, "last_date": date(2026, 3, 11)})
        self.assertEqual(skipped, {"future_date": self.moves})

    def test_b16_files_that_are_none(self):
        for data, sentence in (
            (b"\x00\x01", "The file is not a text file"),
            (b"", "contains no lines"),
            (b"Invoice;Level\n", "contains no lines"),
            (b"Level;Date\n1;2026-03-01\n", "No column contains the invoice numbers"),
            (b"Invoice;Level;Level\nA;1;2\n", "These columns have the same meaning"),
            (b'"A' + b"x" * 10**6, "a cell is not closed"),
            (b"A;1\n" * 50_001, "more than 50000 lines"),
            (b"A;1\n" * 13 * 2**20, "larger than 20 MB"),
        ):
            with self.subTest(sentence=sentence), self.assertRaisesRegex(UserError, sentence):
                self.upload(data)

    def test_any_file(self):
        number = self.moves[0].name

        def encode(*cells):
            return ";".join(map(str, cells)).encode(errors="replace")

        @FUZZED
        @given(
            st.one_of(
                st.binary(max_size=200),
                st.builds(encode, TEXTS, NUMBERS, DAYS, TEXTS),
                st.builds(encode, st.just(number), NUMBERS, DAYS, TEXTS),
            )
        )
        def try_one(data):
            self.attempt(lambda: self.upload(data))

        try_one()

    # === THE DIALOGS === #

    def test_any_batch(self):
        batch = self.env["dunning.batch"].with_context(
            active_model="account.move", active_ids=self.moves.ids
        )

        @FUZZED
        @given(NUMBERS, DAYS, st.booleans(), st.booleans())
        def try_one(level, day, set_level, set_day):
            values = {"level": level, "set_level": set_level}
            values |= {"last_date": day, "set_last_date": set_day}
            self.attempt(lambda: batch.create(values).action_apply())

        try_one()

    def test_any_change_of_a_ladder(self):
        @settings(FUZZED, max_examples=30)
        @given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, TEXTS)
        def try_one(days, gap, every, times, name):
            values = {"days": days, "gap": gap, "repeat_every": every, "repeat_max": times}

            def change():
                opened = self.env["dunning.change"]._open("ladder", self.program)
                dialog = self.env["dunning.change"].browse(opened["res_id"])
                dialog.line_ids[1].write({**values, "name": name})
                dialog.action_show()
                dialog.action_apply()

            self.attempt(change)

        try_one()

    def test_any_reminder_by_hand(self):
        @settings(FUZZED, max_examples=15)
        @given(TEXTS, TEXTS)
        def try_one(subject, body):
            def remind():
                opened = self.env["dunning.remind"]._open(self.moves)
                dialog = self.env["dunning.remind"].browse(opened["res_id"])
                dialog.write({"subject": subject, "body": body})
                dialog.action_remind()

            self.attempt(remind)

        try_one()

    def test_any_other_address(self):
        self.partner_a.email = False
        reminders = self.queue("2026-03-10")
        self.assertEqual(set(reminders.mapped("state")), {"undeliverable"})

        @settings(FUZZED, max_examples=30)
        @given(st.one_of(TEXTS, st.emails()), st.sampled_from(["contact", "address", "letter"]))
        def try_one(email, way):
            def deliver():
                opened = self.env["dunning.deliver"]._open(reminders)
                dialog = self.env["dunning.deliver"].browse(opened["res_id"])
                dialog.write({"email": email, "way": way, "contact_id": self.partner_b.id})
                dialog.action_deliver()

            self.attempt(deliver)

        try_one()

    def test_any_day_of_a_run(self):
        @FUZZED
        @given(DAYS, NUMBERS)
        def try_one(day, grace):
            def simulate():
                self.company.write({"dunning_grace_days": grace})
                run = self.env["dunning.run"].create({"date": day} if day else {})
                run.action_simulate()
                run.line_ids.mapped("reason_text")

            self.attempt(simulate)

        try_one()
