from odoo import fields, models

MODULE = "account_recurrence_dunning"


class DunningProgram(models.Model):
    """Whether a program claims interest and fixed sums (M3)."""

    _inherit = "dunning.program"

    charge_compute = fields.Boolean(
        string="Compute Interest and Fixed Sums",
        tracking=True,
        help=(
            "What the law or your contracts allow for paying late is computed for the invoices of "
            "this program and shown to your colleagues on the invoice, by the rules under "
            "Configuration → Interest and Fixed Sums. Customers are asked for it where a level "
            "says so. It is not legal advice."
        ),
    )

    charge_statement = fields.Boolean(
        string="Interest and Fixed Sums on Statements",
        tracking=True,
        help=(
            "Statements of open items that belong to no level list interest and fixed sums apart "
            "from what is outstanding, and ask for both. Levels have a switch of their own."
        ),
    )
    charge_asked_date = fields.Date(
        string="Rates Asked for",
        readonly=True,
        copy=False,
        help="The half-year whose missing rates a task was made for.",
    )

    def action_open_charge_rules(self):
        """Open the rules that claims are computed by."""
        self.check_access("read")
        return self.env["ir.actions.act_window"]._for_xml_id(f"{MODULE}.dunning_charge_rule_action")
