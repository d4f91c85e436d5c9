"""Values that no screen gives, tried on every field of a record: the shared part of such tests."""

from datetime import date, datetime

import psycopg2

from odoo.exceptions import UserError
from odoo.tools import mute_logger

LONG_TEXT = "x" * 2**20
HOSTILE = {
    "integer": (-1, 0, 10**6, 2**31 - 1, -(2**31), 2**31, 10**30, float("inf"), float("nan")),
    "float": (-1.0, 0.0, 24.0, 10.0**30, -(10.0**30), float("inf"), float("nan")),
    "monetary": (-1.0, 0.0, 10.0**30, -(10.0**30), float("inf"), float("nan")),
    "char": ("", "a\x00b", "\ud800", LONG_TEXT, "'\";--", "{{ 1/0 }}", "=1+1"),
    "text": ("", "a\x00b", "\ud800", LONG_TEXT),
    "html": ("", "a\x00b", LONG_TEXT, "<p t-out='1/0'/>", "<script>alert(1)</script>", "<p"),
    "date": ("0001-01-01", "1899-12-31", "9999-12-31", date.min, date.max),
    "datetime": ("0001-01-01 00:00:00", "9999-12-31 23:59:59", datetime.max),
    "selection": ("no such value", "a\x00b"),
    "many2one": ("1", "x", 1.0, True, {"id": 1}, [1], [4, 1]),
}
ADDON = "account_recurrence_dunning"


class HostileValues:
    """A mixin of test cases: writes hostile values on records and creates records with them.

    What is accepted must be readable again; what is not must be refused with a sentence: a
    ``UserError`` or one of its kind, or a constraint of the database that has a message.
    """

    def own_models(self, prefix):
        """Return the names of the addon's stored and transient models that begin so."""
        return sorted(
            name
            for name, model in self.env.items()
            if name.startswith(prefix) and model._original_module == ADDON and not model._abstract
        )

    def hostile_fields(self, model):
        """Yield (field name, hostile value) for each field of the addon on a model."""
        for name, field in sorted(model._fields.items()):
            if ADDON not in field._modules or field.type not in HOSTILE:
                continue
            if field.store or field.inverse or field.related:
                for value in HOSTILE[field.type]:
                    yield name, value

    def assert_writes_survive(self, record, read=None):
        """Write each hostile value on a record, as the user of its environment.

        :param read: called with the record after each value that was accepted, beside reading it
        """
        for name, value in self.hostile_fields(record):
            with self.subTest(model=record._name, field=name, value=repr(value)[:40]):
                said = self.survive(lambda n=name, v=value: record.write({n: v}), record, read)
                self.assert_no_link(record, name, said)

    def assert_creates_survive(self, model, values=None, read=None):
        """Create a record of a model with each hostile value beside these values."""
        for name, value in self.hostile_fields(model):
            with self.subTest(model=model._name, field=name, value=repr(value)[:40]):
                given = {**(values or {}), name: value}
                said = self.survive(lambda vals=given: model.create(vals), model, read)
                self.assert_no_link(model, name, said)

    def assert_no_link(self, records, name, said):
        """What is no number of a record was refused, not made one by the database."""
        if records._fields[name].type == "many2one":
            self.assertTrue(said, "accepted as a record")

    def survive(self, work, record, read=None):
        """Do some work and take it back; anything but a sentence fails the test.

        :param work: what is tried; returns the records to read, or nothing
        :return: the sentence it was refused with; empty: it was accepted
        """
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint() as savepoint:
                result = work()
                found = result if hasattr(result, "_fields") else record
                self.env.flush_all()
                self.env.invalidate_all()
                if found and found.exists():
                    found.read(self._readable(found))
                    if read:
                        read(found)
                savepoint.rollback()
        except UserError as refusal:
            self.assertTrue(str(refusal).strip())
            return str(refusal)
        except psycopg2.IntegrityError as error:
            sentence = record._sql_error_to_message(error)
            self.assertTrue(sentence)
            return sentence
        finally:
            self.env.invalidate_all()
        return ""

    def _readable(self, records):
        return [
            name
            for name, field in records._fields.items()
            if ADDON in field._modules and records._has_field_access(field, "read")
        ]
