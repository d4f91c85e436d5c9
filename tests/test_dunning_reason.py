import re
from datetime import date

from odoo.tests import TransactionCase, tagged

from ..models.dunning.decide.dunning_reason_text import OBSTACLES as OBSTACLE_TABLE
from ..models.dunning.decide.dunning_reason_text import REASONS as REASON_TABLE
from ..tools.dunning.decision import ENGINE_REASONS
from ..tools.dunning.hold import HOLDS
from ..tools.dunning.obstacle import OBSTACLES

REASONS = {**ENGINE_REASONS, **dict.fromkeys(HOLDS, set())}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@tagged("post_install", "-at_install")
class TestDunningReason(TransactionCase):
    def test_every_reason_of_the_ladder_has_a_sentence_and_a_label(self):
        self.assertEqual(set(REASON_TABLE), set(REASONS))
        self.assertEqual(set(OBSTACLE_TABLE), set(OBSTACLES))
        for reason in (REASON_TABLE | OBSTACLE_TABLE).values():
            self.assertTrue(str(reason.sentence) and str(reason.label))
            self.assertEqual(bool(reason.figure), reason.detailed is not None)

    def test_sentences_name_what_the_ladder_gives(self):
        table = REASON_TABLE | OBSTACLE_TABLE
        for code, figures in (REASONS | OBSTACLES).items():
            sentence = str(table[code].sentence)
            self.assertEqual(set(PLACEHOLDER.findall(sentence)), figures, code)
            # what is the matter may end in the words of somebody else
            self.assertTrue(sentence.endswith((".", "%(error)s", "%(email)s")), code)

    def test_days_are_written_as_the_reader_writes_them(self):
        self.env["res.lang"]._activate_lang("de_DE")
        reasons = self.env["dunning.reason"]
        params = {"date": date(2026, 3, 9)}
        english = reasons._get_sentence("not_due_yet", params)
        self.assertIn("03/09/2026", english)
        german = reasons.with_context(lang="de_DE")._get_sentence("not_due_yet", params)
        self.assertIn("09.03.2026", german)

    def test_stored_days_read_like_fresh_ones(self):
        reasons = self.env["dunning.reason"]
        fresh = reasons._get_sentence("gap", {"level": 2, "gap": 7, "date": date(2026, 3, 9)})
        stored = reasons._get_sentence("gap", {"level": 2, "gap": 7, "date": "2026-03-09"})
        self.assertEqual(fresh, stored)
