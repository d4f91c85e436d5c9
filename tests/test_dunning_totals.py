from lxml import etree

from odoo.tests import TransactionCase, tagged

MODULE = "account_recurrence_dunning"
NUMBERS = ("integer", "float", "monetary")
# Numbers of the addon's records that may be added up over the rows of a list, each with the reason.
SUMS = {
    "dunning.case.open_amount": "in the company's currency, of one customer each",
    "dunning.case.overdue_amount": "in the company's currency, of one customer each",
    "dunning.case.age_0": "in the company's currency, of one customer each",
    "dunning.case.age_30": "in the company's currency, of one customer each",
    "dunning.case.age_60": "in the company's currency, of one customer each",
    "dunning.case.age_90": "in the company's currency, of one customer each",
    "dunning.case.age_over": "in the company's currency, of one customer each",
    "dunning.promise.amount_company": "converted to the company's currency",
    "dunning.dispute.amount_company": "converted to the company's currency",
    "dunning.handover.amount_company": "converted to the company's currency",
    "dunning.waiver.amount_company": "converted to the company's currency",
    "dunning.plan.amount_company": "converted to the company's currency",
    "dunning.level.effect.amount": "converted to the company's currency",
    "dunning.level.effect.soon_amount": "converted to the company's currency",
    "dunning.level.effect.days": "an average over items",
    "dunning.day.expected_runs": "runs, each of one day",
    "dunning.day.done_runs": "runs, each of one day",
    "dunning.day.expected_messages": "messages, each of one day",
    "dunning.day.done_messages": "messages, each of one day",
    "dunning.day.expected_invoices": "invoices, each of one day",
    "dunning.day.done_invoices": "invoices, each of one day",
    "dunning.case.kept_count": "promises, each of one customer",
    "dunning.case.broken_count": "promises, each of one customer",
    "dunning.case.usual_days_late": "an average over customers",
}
# What a list alone adds up, of the rows it shows: the database does not hold it.
SHOWN_SUMS = {
    "dunning.day.made_messages": "messages, each of one day",
    "dunning.day.made_invoices": "invoices, each of one day",
}


@tagged("post_install", "-at_install")
class TestDunningTotals(TransactionCase):
    """Totals only where they mean something: not over runs, currencies, days or levels."""

    def models(self):
        return [
            model
            for name, model in self.env.items()
            if name.startswith("dunning.")
            and model._original_module == MODULE
            and not (model._abstract or model._transient)
        ]

    def test_what_is_added_up_is_on_the_list_with_its_reason(self):
        added = {
            f"{model._name}.{name}"
            for model in self.models()
            for name, field in model._fields.items()
            if field.type in NUMBERS
            and MODULE in field._modules
            and (field.store or field.related)
            and field.aggregator in ("sum", "avg")
        }
        self.assertEqual(added, set(SUMS))

    def test_no_view_adds_up_anything_else(self):
        names = [model._name for model in self.models()]
        for view in self.env["ir.ui.view"].search([("model", "in", names)]):
            arch = etree.fromstring(view.arch)
            for node in arch.xpath("//field[@sum or @avg or @type='measure']"):
                self.assertIn(f"{view.model}.{node.get('name')}", SUMS | SHOWN_SUMS, view.name)
