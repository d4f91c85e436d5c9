"""K9: what the lists behind the figures show and offer."""

from lxml import etree

from odoo.tests import freeze_time, tagged

from .test_dunning_figures import TODAY, FiguresCommon


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestDunningFigureList(FiguresCommon):
    def test_what_a_day_sent_is_not_offered_to_be_sent_again(self):
        view = self.env.ref("account_recurrence_dunning.dunning_reminder_view_list_undelivered")
        for name, expected in (("undelivered", view.id), ("day_messages", False)):
            action = self.company.action_dunning_figure(name)
            self.assertEqual(action["res_model"], "dunning.reminder")
            self.assertEqual(action["views"][0], (expected, "list"))
        buttons = etree.fromstring(view.arch).xpath("/list/button")
        self.assertEqual(
            {button.get("invisible") for button in buttons},
            {"state not in ('failed', 'undeliverable')"},
        )

    def test_what_is_open_today_is_not_summed_up_as_a_past_day(self):
        """What was paid since was open then: the sum of today would not be the figure."""
        for as_of, title, label, is_summed in (
            (None, "Receivables", "Open", True),
            ("2026-02-28", "Receivables: 02/28/2026", "Open Today", False),
        ):
            with self.subTest(as_of):
                action = self.company.action_dunning_figure("receivables", as_of)
                self.assertEqual(action["name"], title)
                view = self.env["account.move.line"].get_view(*action["views"][0])
                names = ("amount_residual_currency", "amount_residual")
                arch = etree.fromstring(view["arch"])
                columns = [arch.find(f"field[@name='{name}']") for name in names]
                self.assertEqual(columns[0].get("string"), label)
                self.assertEqual([bool(node.get("sum")) for node in columns], [is_summed] * 2)
