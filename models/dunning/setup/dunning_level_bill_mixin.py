from odoo import fields, models


class DunningLevelBillMixin(models.AbstractModel):
    """The bill of exchange that a level encloses (C3)."""

    _name = "dunning.level.bill.mixin"
    _description = "Bills of Exchange of Levels"

    attach_bill = fields.Boolean(
        string="Bill of Exchange (LCR)",
        help=(
            "For customers in France: the form, filled in, to be accepted, signed and sent back. "
            "What is missing for it keeps the message back. Customers elsewhere get the message "
            "without it."
        ),
    )
    bill_days = fields.Integer(
        string="Bill Due After",
        default=15,
        aggregator=None,
        help="Days from the message to the due date of the bill.",
    )

    _bill_days_bounded = models.Constraint(
        "CHECK (bill_days BETWEEN 0 AND 365)", "A bill must be due within 0 to 365 days."
    )
