from odoo import fields, http
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.http import content_disposition, request

# Ids beyond are no integers for PostgreSQL.
MAX_ID = 2**31 - 1


class RecurrencePreview(http.Controller):
    @http.route("/recurrence/preview/<int:schedule_id>/<string:rule_date>", auth="user")
    def preview(self, schedule_id, rule_date, issue=None, **_params):
        """Show the invoice of a date of a schedule as PDF, as it would be issued.

        :param issue: id of the dialog whose changes are shown, of the same user
        """
        try:
            date = fields.Date.to_date(rule_date)
            dialog_id = int(issue or 0)
        except ValueError:
            raise request.not_found() from None
        if not (0 < schedule_id <= MAX_ID and 0 <= dialog_id <= MAX_ID):
            raise request.not_found()
        schedule = request.env["recurrence.schedule"].browse(schedule_id).exists()
        if not schedule:
            raise request.not_found()
        try:
            dialog = request.env["recurrence.occurrence.issue"].browse(dialog_id)
            shown = dialog._get_shown_change(schedule, date) if dialog_id else ()
            pdf = schedule._preview_pdf(date, *shown)
        except (AccessError, MissingError):
            raise request.not_found() from None
        except (UserError, ValidationError) as error:
            return request.make_response(
                str(error), [("Content-Type", "text/plain; charset=utf-8")], status=400
            )
        filename = request.env._("Preview %(name)s %(date)s.pdf", name=schedule.name, date=date)
        disposition = content_disposition(filename, disposition_type="inline")
        headers = [("Content-Type", "application/pdf"), ("Content-Disposition", disposition)]
        return request.make_response(pdf, headers)
