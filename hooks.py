"""What happens once, before the first install and at the uninstall."""

# Columns that exist before the ORM looks for them are not filled or computed again:
# a database with millions of entries installs as fast as an empty one. A constant
# default is kept in the catalogue by PostgreSQL (11 and later), so no row is rewritten.
COLUMNS = {
    "account_move": {
        "is_recurrence_template": "boolean DEFAULT false",
        "dunning_level": "integer DEFAULT 0",
        "dunning_last_date": "date",
        "dunning_first_date": "date",
        "dunning_next_date": "date",
        "dunning_reason": "varchar",
        "dunning_sent_date": "date",
    },
    "account_move_line": {
        "dunning_level": "integer DEFAULT 0",
        "dunning_last_date": "date",
        "dunning_cycle": "integer DEFAULT 0",
        "dunning_level_days": "integer",
    },
}


def pre_init_hook(env):
    """Add the stored columns on invoices and their lines without touching a row."""
    for table, columns in COLUMNS.items():
        for column, definition in columns.items():
            env.cr.execute(
                f'ALTER TABLE "{table}" ADD COLUMN IF NOT EXISTS "{column}" {definition}'
            )
            env.cr.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" DROP DEFAULT')


def post_init_hook(env):
    """Give every company that exists its default program."""
    env["res.company"].search([])._create_default_dunning_program()


def uninstall_hook(env):
    """Leave nothing that would hinder the deletion of what is this addon's.

    Templates are cancelled: without this addon nothing hides them or keeps them unposted.
    """
    env["account.move"]._recurrence_cancel_all_templates()
    # they are about dates and recurrences, which go; Odoo deletes their type before those
    activities = env["mail.activity"].with_context(active_test=False)
    activities.search(
        [("res_model", "in", ("recurrence.occurrence", "recurrence.schedule"))]
    ).unlink()
    # levels refuse the deletion of a text they use, which is what comes next
    levels = env["dunning.level"].with_context(active_test=False).search([])
    levels.write(
        {"mail_template_id": False, "firm_template_id": False, "statement_report_id": False}
    )
