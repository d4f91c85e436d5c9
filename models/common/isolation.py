"""How a bad record is kept from stopping the others; shared by both halves (rule 15)."""

import logging

from psycopg2 import InterfaceError, OperationalError

from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


def run_isolated(records, work, failed, together=None):
    """Do work on records at once; where that fails, on each alone.

    A record that fails alone is rolled back alone, handed to ``failed``, and logged with its
    traceback where no user can have caused it. What another transaction's being faster
    raises goes on to the caller, who tries again; so does the loss of the database.

    :param records: a recordset; empty: nothing is done
    :param work: called with a recordset, inside a savepoint
    :param failed: called with the record and its exception, outside of it
    :param together: function of a recordset that cuts it into what is done together all the same:
        those that fail alone are left out there
    :return: list of what ``work`` returned, one entry a call that succeeded
    """
    if not records:
        return []
    try:
        with records.env.cr.savepoint():
            return [work(records)]
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(records) == 1:
            log_failure(records, error)
            failed(records, error)
            return []
        _logger.info("%s are done one by one: %s", records, get_error_text(error))
    parts = together(records) if together else [*records]
    if len(parts) == 1:
        failing = find_failing(records, work)
        for record, error in failing.items():
            log_failure(record, error)
            failed(record, error)
        left = records.filtered(lambda record: record not in failing)
        # each of them works alone: together they do not
        parts = [left] if failing else [*left]
    return [result for part in parts for result in run_isolated(part, work, failed, together)]


def find_failing(records, work, kinds=Exception):
    """Return dict record → exception, of those on which work fails alone; all is undone again.

    :param work: called with one record
    :param kinds: which exceptions are caught; the loss of the database never is
    """
    failing = {}
    for record in records:
        try:
            with record.env.cr.savepoint() as savepoint:
                work(record)
                savepoint.rollback()
        except (OperationalError, InterfaceError):
            raise
        except kinds as error:
            failing[record] = error
    return failing


def log_failure(records, error):
    """Log with its traceback what is no message to a user."""
    if not isinstance(error, UserError):
        _logger.error("%s failed", records, exc_info=error)


def get_error_text(error):
    """Return an error as one line for a person; what is no message to a user with its type."""
    text = next(iter(str(error).strip().splitlines()), "")
    return text if text and isinstance(error, UserError) else f"{type(error).__name__}: {text}"
