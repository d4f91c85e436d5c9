from contextlib import contextmanager

from odoo.fields import Domain
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

ADDON = "account_recurrence_dunning"


@tagged("post_install", "-at_install")
class TestFieldSearch(TransactionCase):
    """What a field says of itself is what lists offer: filters, orders and groups all work."""

    def get_fields(self, wanted):
        """Yield (model, name of a field of the addon, its description) where the wanted is true."""
        for model in self.env.values():
            if model._abstract or model._transient or not model._auto:
                continue
            own = [name for name, field in model._fields.items() if field._module == ADDON]
            # without a name it describes all fields
            for name, told in (model.fields_get(own) if own else {}).items():
                if told.get(wanted):
                    yield model, name, told

    def get_domains(self, name, told):
        """Return what the dialog of filters makes of a field."""
        yield Domain(name, "!=", False)
        if told["type"] in ("char", "text", "html", "many2one", "many2many", "one2many"):
            yield Domain(name, "ilike", "x")
        if told["type"] in ("many2one", "many2many", "one2many"):
            yield Domain(name, "in", [1])
        if told["type"] in ("integer", "float", "monetary"):
            yield Domain(name, ">", 1)
        if told["type"] == "date":
            yield Domain(name, "<", "2026-03-01")
        if told["type"] == "selection":
            yield from (Domain(name, "=", value) for value, _label in told["selection"][:1])

    @contextmanager
    def subtest(self, *told):
        """Like ``subTest``, and what a database error breaks is broken for this one alone."""
        with self.subTest(" ".join(map(str, told))), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint(flush=False):
                yield

    def test_every_field_that_filters_offer_can_be_searched(self):
        count = 0
        for model, name, told in self.get_fields("searchable"):
            for domain in self.get_domains(name, told):
                with self.subtest(model._name, domain):
                    model.search(domain, limit=1)
                    count += 1
        self.assertGreater(count, 500)

    def test_every_field_that_lists_offer_can_be_sorted(self):
        for model, name, _told in self.get_fields("sortable"):
            with self.subtest(model._name, name):
                model.search([], order=f"{name} desc", limit=1)

    def test_every_field_that_groups_offer_can_be_grouped(self):
        for model, name, told in self.get_fields("groupable"):
            by = f"{name}:month" if told["type"] in ("date", "datetime") else name
            with self.subtest(model._name, name):
                model._read_group([], [by], limit=1)
