import warnings

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestRegistryQuiet(TransactionCase):
    """What Odoo says of the fields when it sets them up: nothing, also of no other kind."""

    def test_fields_are_set_up_without_a_warning(self):
        """Odoo looks at all fields of all models anew, as it does when it starts.

        A choice that is declared twice, a compute of stored and other fields, an unknown
        parameter: what is wrong is in the log, where nobody reads it.
        """
        with warnings.catch_warnings(record=True) as said, self.assertNoLogs("odoo", "WARNING"):
            warnings.simplefilter("always")
            self.registry._setup_models__(self.env.cr)
            # what is computed together is looked at when it is asked for
            self.assertTrue(self.registry.field_computed)
        own = [str(warning.message) for warning in said if self.is_own(str(warning.message))]
        self.assertEqual(own, [])

    def is_own(self, message):
        """Whether a warning names a model of this addon or a field of it on one of Odoo's."""
        model = message.split(":")[0]
        return model in self.registry and model.startswith(("recurrence.", "dunning.", "account."))
