from odoo import fields, http
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.http import content_disposition, request


class RecurrencePreview(http.Controller):
    @http.route("/recurrence/preview/<int:schedule_id>/<string:rule_date>", auth="user")
    def preview(self, schedule_id, rule_date, **_params):
        """Show the invoice of a date of a schedule as PDF, as it would be issued."""
        try:
            date = fields.Date.to_date(rule_date)
        except ValueError:
            raise request.not_found() from None
        schedule = request.env["recurrence.schedule"].browse(schedule_id).exists()
        if not schedule:
            raise request.not_found()
        try:
            pdf = request.env["recurrence.invoicing"]._preview_pdf(schedule, date)
        except (AccessError, MissingError):
            raise request.not_found() from None
        except (UserError, ValidationError) as error:
            return request.make_response(str(error), [("Content-Type", "text/plain")], status=400)
        filename = request.env._("Preview %(name)s %(date)s.pdf", name=schedule.name, date=date)
        disposition = content_disposition(filename, disposition_type="inline")
        headers = [("Content-Type", "application/pdf"), ("Content-Disposition", disposition)]
        return request.make_response(pdf, headers)
