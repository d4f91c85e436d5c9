"""Customers, products and schedules to measure with."""

from datetime import date
from functools import cached_property

from dateutil.relativedelta import relativedelta

from odoo.fields import Command
from odoo.tools import split_every

from . import play

FIRST_DAY = date(2026, 1, 1)
PRICE = 100.0
# So many records are made at once.
CHUNK = 500


class Workshop:
    """A database with a company, in which benchmarks make what they need."""

    def __init__(self, env):
        self.env = env
        self.company = play.set_up_company(env, "Benchmark")

    @staticmethod
    def month(number):
        """The first day of the month with this number."""
        return FIRST_DAY + relativedelta(months=number)

    @cached_property
    def product(self):
        tax = self.env["account.tax"].search(
            [("type_tax_use", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        return self.env["product.product"].create(
            {"name": "Subscription", "type": "service", "taxes_id": [Command.set(tax.ids)]}
        )

    def customers(self, count):
        common = {"email": "x@y.example", "street": "Long Street 1", "city": "Ghent"}
        values = [{"name": f"Customer {number}", **common} for number in range(count)]
        return self.env["res.partner"].create(values)

    def invoice_values(self, partner, **values):
        """One line, one tax: the invoice that every side makes."""
        line = {"product_id": self.product.id, "quantity": 1, "price_unit": PRICE}
        return {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_line_ids": [Command.create(line)],
            **values,
        }

    def schedules(self, count, mode):
        """Running monthly schedules of this addon, whose dates are generated."""
        schedules = self.env["recurrence.schedule"]
        for numbers in split_every(CHUNK, range(count), list):
            schedules += self._make_schedules(len(numbers), mode)
            # what was made is not kept in memory, which is measured later
            self.env.cr.commit()
            self.env.invalidate_all()
        return schedules

    def _make_schedules(self, count, mode):
        templates = self.env["account.move"].create(
            [
                self.invoice_values(partner, is_recurrence_template=True)
                for partner in self.customers(count)
            ]
        )
        schedules = self.env["recurrence.schedule"].create(
            [
                {
                    "name": template.partner_id.name,
                    "target": "invoice",
                    "partner_id": template.partner_id.id,
                    "template_move_id": template.id,
                    "invoice_mode": mode,
                    "rrule_type": "monthly",
                    "day": FIRST_DAY.day,
                    "date_start": FIRST_DAY,
                }
                for template in templates
            ]
        )
        schedules._generate_for(schedules, FIRST_DAY)
        return schedules

    def contracts(self, count):
        """Monthly contracts of the addon ``contract`` over the same invoice."""
        line = {
            "product_id": self.product.id,
            "name": "Subscription",
            "quantity": 1,
            "price_unit": PRICE,
            "recurring_rule_type": "monthly",
            "recurring_interval": 1,
            "date_start": FIRST_DAY,
            "recurring_next_date": FIRST_DAY,
        }
        contracts = self.env["contract.contract"].create(
            [
                {
                    "name": partner.name,
                    "partner_id": partner.id,
                    "line_recurrence": True,
                    "contract_line_ids": [Command.create(line)],
                }
                for partner in self.customers(count)
            ]
        )
        self.env.cr.commit()
        return contracts
