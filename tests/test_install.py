from odoo.tests import TransactionCase, tagged
from odoo.tools.sql import column_exists

from ..hooks import COLUMNS

ADDON = "account_recurrence_dunning"
TABLES = (("account_move", "account.move"), ("account_move_line", "account.move.line"))


@tagged("post_install", "-at_install")
class TestInstall(TransactionCase):
    """What an install on a database with millions of entries may and may not do."""

    def _get_filled_columns(self, model):
        """The columns of this addon that the ORM would fill for every row that exists."""
        return {
            name
            for name, field in self.env[model]._fields.items()
            if field._module == ADDON
            and field.store
            and field.column_type
            and (field.compute or field.default or field.related)
        }

    def test_columns_with_values_are_added_before_the_orm_fills_them(self):
        for table, model in TABLES:
            with self.subTest(table):
                filled = self._get_filled_columns(model)
                self.assertTrue(filled)
                self.assertLessEqual(filled, set(COLUMNS[table]))

    def test_every_column_named_by_the_hook_is_a_field(self):
        for table, model in TABLES:
            for column in COLUMNS[table]:
                with self.subTest(f"{table}.{column}"):
                    self.assertTrue(column_exists(self.env.cr, table, column))
                    self.assertIn(column, self.env[model]._fields)

    def test_dunning_is_off_until_switched_on(self):
        company = self.env["res.company"].create({"name": "Just founded"})
        self.assertFalse(company.dunning_active)
        self.assertEqual(company.dunning_program_id.mode, "manual")
        self.assertEqual(company.dunning_program_id.level_ids.mapped("days"), [-3, 5, 15, 30])
