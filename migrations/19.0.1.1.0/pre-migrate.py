"""Models, columns and records that got plain names keep their data and their ids."""

from psycopg2.extensions import AsIs

MODELS = {
    "dunning.departure": "dunning.mail.handover",
    "dunning.end": "dunning.escalation",
    "dunning.run.strike": "dunning.run.omit",
    "dunning.trial": "dunning.test",
}
FIELDS = (
    ("dunning.run.line", "struck_user_id", "omitted_by_id"),
    ("res.company", "job_tz", "recurrence_dunning_tz"),
    ("res.config.settings", "job_tz", "recurrence_dunning_tz"),
)
# beginnings of external ids
IDS = {
    "dunning_departure_": "dunning_mail_handover_",
    "access_dunning_departure": "access_dunning_mail_handover",
    "dunning_end_": "dunning_escalation_",
    "access_dunning_end": "access_dunning_escalation",
    "menu_dunning_end": "menu_dunning_escalation",
    "dunning_run_strike_": "dunning_run_omit_",
    "access_dunning_run_strike": "access_dunning_run_omit",
    "dunning_trial_": "dunning_test_",
    "access_dunning_trial": "access_dunning_test",
    "dunning_run_line_action_strike": "dunning_run_line_action_omit",
    "dunning_run_line_action_unstrike": "dunning_run_line_action_restore",
}
# job: (its model now, what it calls)
JOBS = {
    "ir_cron_dunning_run": ("dunning.program.schedule", "model._cron_run_due()"),
    "ir_cron_dunning_refresh": ("res.company", "model._cron_dunning_refresh()"),
}
# Where the name of a model stands in a column of another table.
MODEL_COLUMNS = (
    ("ir_attachment", "res_model"),
    ("ir_filters", "model_id"),
    ("ir_model_data", "model"),
    ("mail_activity", "res_model"),
    ("mail_followers", "res_model"),
    ("mail_message", "model"),
)


def migrate(cr, version):
    for old, new in MODELS.items():
        rename_model(cr, old, new)
    for model, old, new in FIELDS:
        rename_field(cr, model, old, new)
    for old, new in IDS.items():
        rename_ids(cr, old, new)
    for name, (model, code) in JOBS.items():
        point_job(cr, name, model, code)
    drop_relation(cr, "dunning_run_line_dunning_run_strike_rel")


def rename_model(cr, old, new):
    """Give a model, its table and what names it another name."""
    table, renamed = old.replace(".", "_"), new.replace(".", "_")
    cr.execute("UPDATE ir_model SET model = %s WHERE model = %s", [new, old])
    cr.execute("UPDATE ir_model_fields SET model = %s WHERE model = %s", [new, old])
    cr.execute("UPDATE ir_model_fields SET relation = %s WHERE relation = %s", [new, old])
    for owner, column in MODEL_COLUMNS:
        cr.execute(
            "UPDATE %s SET %s = %s WHERE %s = %s",
            [AsIs(owner), AsIs(column), new, AsIs(column), old],
        )
    rename_ids(cr, f"model_{table}", f"model_{renamed}", exactly=True)
    for kind in ("field", "selection"):
        rename_ids(cr, f"{kind}_{table}__", f"{kind}_{renamed}__")
        rename_ids(cr, f"{kind}__{table}__", f"{kind}__{renamed}__")
    cr.execute("SELECT to_regclass(%s)", [table])
    if cr.fetchone()[0]:
        cr.execute("ALTER TABLE %s RENAME TO %s", [AsIs(table), AsIs(renamed)])
        rename_parts(cr, table, renamed)


def rename_parts(cr, table, renamed):
    """Rename sequence, indexes and constraints along with a table."""
    cr.execute(
        "ALTER SEQUENCE IF EXISTS %s_id_seq RENAME TO %s_id_seq", [AsIs(table), AsIs(renamed)]
    )
    cr.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename = %s AND starts_with(indexname, %s)",
        [renamed, table],
    )
    for (name,) in cr.fetchall():
        new = renamed + name.removeprefix(table)
        cr.execute('ALTER INDEX "%s" RENAME TO "%s"', [AsIs(name), AsIs(new)])
    cr.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
        " AND starts_with(conname, %s)",
        [renamed, f"{table}_"],
    )
    for (name,) in cr.fetchall():
        new = renamed + name.removeprefix(table)
        cr.execute(
            'ALTER TABLE %s RENAME CONSTRAINT "%s" TO "%s"', [AsIs(renamed), AsIs(name), AsIs(new)]
        )
    cr.execute(
        "UPDATE ir_model_constraint SET name = %s || substr(name, %s) WHERE starts_with(name, %s)",
        [renamed, len(table) + 1, f"{table}_"],
    )


def drop_relation(cr, table):
    """Drop what links records of a dialog: there is nothing to be kept."""
    cr.execute("DROP TABLE IF EXISTS %s", [AsIs(table)])
    cr.execute("DELETE FROM ir_model_relation WHERE name = %s", [table])
    cr.execute("DELETE FROM ir_model_constraint WHERE starts_with(name, %s)", [table[:35]])


def rename_field(cr, model, old, new):
    """Give a field and its column another name."""
    table = model.replace(".", "_")
    cr.execute(
        "UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s", [new, model, old]
    )
    rename_ids(cr, f"field_{table}__{old}", f"field_{table}__{new}", exactly=True)
    rename_ids(cr, f"selection__{table}__{old}__", f"selection__{table}__{new}__")
    cr.execute(
        "SELECT FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
        [table, old],
    )
    if cr.rowcount:
        cr.execute('ALTER TABLE %s RENAME COLUMN "%s" TO "%s"', [AsIs(table), AsIs(old), AsIs(new)])


def rename_ids(cr, old, new, exactly=False):
    """Rename the external ids of this addon that begin so, or are so."""
    condition = "name = %s" if exactly else "starts_with(name, %s)"
    cr.execute(
        "UPDATE ir_model_data SET name = %s || substr(name, %s)"
        f" WHERE module = 'account_recurrence_dunning' AND {condition}",
        [new, len(old) + 1, old],
    )


def point_job(cr, name, model, code):
    """Let a scheduled job call a method of another model."""
    cr.execute(
        """
        UPDATE ir_act_server action
           SET model_id = model.id, code = %s
          FROM ir_cron cron, ir_model_data data, ir_model model
         WHERE action.id = cron.ir_actions_server_id AND cron.id = data.res_id
           AND data.model = 'ir.cron' AND data.module = 'account_recurrence_dunning'
           AND data.name = %s AND model.model = %s
        """,
        [code, name, model],
    )
