from odoo.tests import TransactionCase, tagged

EXTENSION = "account_recurrence_dunning_extension"


@tagged("post_install", "-at_install")
class TestInstalled(TransactionCase):
    """The tests of this addon run on a database of their own, which has it."""

    def test_it_is_installed(self):
        self.assertEqual(self.env["ir.module.module"]._get(EXTENSION).state, "installed")
