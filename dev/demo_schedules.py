"""Schedules of every kind for the demonstration: invoices in each mode, calls, a stock check."""

from datetime import timedelta

from odoo.fields import Command

FIRST_TUESDAY = {"rrule_type": "monthly", "month_by": "day", "byday": "1", "weekday": "TUE"}
THIRD_TUESDAY = {**FIRST_TUESDAY, "byday": "3"}
LAST_DAY = {"rrule_type": "monthly", "month_by": "date", "day": -1, "day_shift": "previous"}
FIFTEENTH = {"rrule_type": "monthly", "month_by": "date", "day": 15, "day_shift": "next"}
EVERY_OTHER_MONDAY = {"rrule_type": "weekly", "interval": 2, "mon": True}
QUARTERLY = {"rrule_type": "monthly", "interval": 3, "month_by": "date", "day": 1}

# customer, rule, mode, net amount of the template, text of its line
INVOICES = (
    (
        "Aurora Dental Practice",
        THIRD_TUESDAY,
        "confirm",
        410.0,
        "Practice cleaning, #MONTH# #YEAR#",
    ),
    ("Cabinet Moreau", FIFTEENTH, "send", 520.0, "Entretien des bureaux, #MONTH# #YEAR#"),
    ("Hôtel Bellevue", LAST_DAY, "post", 1540.0, "Blanchisserie, #MONTH# #YEAR#"),
    (
        "Silverline Events",
        EVERY_OTHER_MONDAY,
        "draft",
        330.0,
        "Hall, #PERIOD_START# to #PERIOD_END#",
    ),
    (
        "Baxter & Reed LLP",
        QUARTERLY,
        "post",
        1980.0,
        "Window cleaning, quarter from #PERIOD_START#",
    ),
    ("Pharmacie du Marché", FIRST_TUESDAY, "confirm", 150.0, "Nettoyage, #MONTH# #YEAR#"),
)


def create_schedules(demo):
    """Create and generate all schedules of the demonstration.

    :param demo: the ``Demonstration``, with its people, partners and first day
    :return: the schedules
    """
    schedules = _create_invoice_schedules(demo) | _create_interactions(demo)
    schedules.action_generate()
    return schedules


def _create_invoice_schedules(demo):
    env = demo.env
    schedules = env["recurrence.schedule"]
    for customer, rule, mode, amount, text in INVOICES:
        partner = demo.partners[customer]
        dollar = partner.country_id.code == "US"
        template = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": partner.id,
                "currency_id": env.ref("base.USD" if dollar else "base.EUR").id,
                "invoice_user_id": demo.sales.id,
                "invoice_line_ids": [
                    Command.create({"name": text, "quantity": 1, "price_unit": amount})
                ],
            }
        )
        schedules |= schedules.create(
            {
                **rule,
                "name": f"{partner.name}: {text.split(',')[0]}",
                "target": "invoice",
                "partner_id": partner.id,
                "user_id": demo.clerk.id,
                "date_start": demo.first,
                "template_move_id": template.id,
                "invoice_mode": mode,
            }
        )
    return schedules


def _create_interactions(demo):
    env = demo.env
    call = env.ref("mail.mail_activity_data_call").id
    todo = env.ref("mail.mail_activity_data_todo").id
    late = env["ir.filters"].create(
        {
            "name": "Customers with unpaid invoices",
            "model_id": "res.partner",
            "domain": "[('credit', '>', 0)]",
            "user_ids": [],
        }
    )
    common = {"target": "interaction", "user_id": demo.sales.id, "date_start": demo.first}
    partners = demo.partners
    return env["recurrence.schedule"].create(
        [
            {
                **common,
                "name": "Weekly call: Clinique Sainte-Anne",
                "rrule_type": "weekly",
                "tue": True,
                "subject": "partner",
                "partner_id": partners["Clinique Sainte-Anne"].id,
                "activity_type_id": call,
                "summary": "How was the week? Any extra rooms?",
            },
            {
                **common,
                "name": "Check the stock of cleaning products",
                "rrule_type": "weekly",
                "mon": True,
                "subject": "none",
                "activity_type_id": todo,
                "summary": "Count, and order what is below the line",
            },
            {
                **common,
                "name": "Call the customers who owe us",
                "rrule_type": "weekly",
                "tue": True,
                "thu": True,
                "subject": "filter",
                "filter_id": late.id,
                "activity_type_id": call,
                "summary": "Friendly word before the reminder",
                "end_type": "end_date",
                "until": demo.today + timedelta(21),
            },
            {
                **common,
                "name": "Yearly contract review: Banque du Parc",
                "rrule_type": "yearly",
                "subject": "partner",
                "partner_id": partners["Banque du Parc"].id,
                "activity_type_id": env.ref("mail.mail_activity_data_meeting").id,
                "summary": "Contract review",
                "lead_days": 14,
                "date_start": demo.first + timedelta(40),
            },
        ]
    )
