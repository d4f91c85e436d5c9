from odoo import models

from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class RecurrenceOccurrenceRunMixin(models.AbstractModel):
    """What is done on a date, by the kind of its recurrence.

    Another addon adds a kind to ``target`` of the recurrence, and ``_run_<kind>_dates`` here. It
    closes the dates it is done with by ``_set_done``, and says with ``_record_error`` what failed
    and is to be tried again.
    """

    _name = "recurrence.occurrence.run.mixin"
    _description = "Work of a Recurrence Date"

    def _run_dates(self, as_of):
        """Do what is due on these dates.

        :param as_of: the company's today, a ``date``
        """
        for target, dates in self.grouped("target").items():
            getattr(dates, f"_run_{target}_dates")(as_of)

    def _run_interaction_dates(self, as_of):
        self._offer_interactions(as_of)

    def _run_invoice_dates(self, as_of):
        """Ask a person where the mode says so; the others are ready for the issuing job."""
        schedules = self.schedule_id._filter_attended()
        billing = self - self._skip_unbilled()
        attended = billing.filtered(lambda o: o.schedule_id in schedules)
        # what is asked for is entered by a person, whatever the mode says
        attended |= billing._filter_entered()
        attended._offer_interactions(as_of)
        # of a finished one the invoice job takes what is planned, and nothing else
        unattended = (billing - attended).filtered(lambda o: o.schedule_id.state == "running")
        unattended.with_context(**ENGINE_CONTEXT).write({"state": "todo"})
