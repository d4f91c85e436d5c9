import logging

from psycopg2 import OperationalError

from odoo import api, fields, models

from ....tools.dunning.obstacle import Obstacle
from ...common.isolation import get_error_text

_logger = logging.getLogger(__name__)

# Messages of one text and language written to try it out, where it holds more than placeholders.
MOST_TRIED = 200


class DunningRunForesightMixin(models.AbstractModel):
    """What a run knows beforehand of the messages that will not leave (rule 20).

    People, senders, servers and levels are asked what the sending asks them. Texts and enclosures
    are made and taken back: one for each level and language, since a text of plain placeholders
    works for all or for none; where it holds more (a division, a condition) each message is
    written, up to a number. A report that fails for a single record only is not foreseen.
    """

    _name = "dunning.run.foresight.mixin"
    _description = "Forecast of a Dunning Run"

    untried_count = fields.Integer(
        string="Texts Not Tested",
        readonly=True,
        aggregator=None,
        help="Messages whose text contains more than placeholders, beyond the number tested.",
    )

    def _foresee(self, facts):
        """Note on decisions to remind what will keep their message back.

        :param facts: decided; those to be reminded get ``warning`` among their figures
        :return: the number of messages whose text was not tried out
        """
        self.ensure_one()
        groups = self._plan_messages(facts)
        untried = self._try_out([group for group in groups if not group["obstacle"]])
        for group in groups:
            if group["obstacle"]:
                code, figures = group["obstacle"]
                for fact in group["facts"]:
                    params = {**fact.decision.params, **figures, "warning": code}
                    fact.decision = fact.decision._replace(params=params)
        self._keep_plan(groups)
        return untried

    def _keep_plan(self, groups):
        """Keep on the run what is asked of the messages it would make, beside their decisions."""

    # === TRYING OUT === #

    def _try_out(self, groups):
        """Write the messages of a plan as far as needed, and note what fails on the plan.

        :return: the number of messages left out that may fail each for itself
        """
        untried = 0
        levels = self._get_fact_levels([fact for group in groups for fact in group["facts"]])
        for (level, _lang, is_firm), found in self._group_by_text(groups, levels).items():
            if level.attach_bill:  # the first one's enclosures stand for all: one with a bill
                found.sort(key=lambda group: not self._is_billed(group))
            obstacles = self._write(found[:1])
            if obstacles[0] or self._may_fail_alone(level, is_firm):
                obstacles = self._write(found[:MOST_TRIED])
                rest = len(found) - len(obstacles)
                if all(obstacles):  # so it is with the others
                    obstacles += obstacles[-1:] * rest
                else:
                    untried += rest
            for group, obstacle in zip(found, obstacles, strict=False):
                group["obstacle"] = obstacle
        return untried

    @api.model
    def _is_billed(self, group):
        company, customer = self.company_id.sudo(), group["partner"].sudo()
        return self.env["dunning.reminder"]._takes_bill(company, customer)

    @api.model
    def _group_by_text(self, groups, levels):
        """Return the messages by (level, language, whether the text is the firm one).

        Without calls: those hold no text.
        """
        result = {}
        for group in groups:
            level = levels[group["top"].decision.level.id]
            if level._get_channel().text:
                lang = group["recipient"]._dunning_get_lang(group["partner"], level.company_id)
                key = (level, lang, bool(group.get("firm_because")))
                result.setdefault(key, []).append(group)
        return result

    @api.model
    def _may_fail_alone(self, level, is_firm=False):
        """Whether a level's text holds more than placeholders, so that it may fail for one only."""
        template = level._get_firm_template() if is_firm else level._get_template()
        template = template.sudo()
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        return any(
            found._has_unsafe_expression_template_inline_template(found.subject, found.model)
            or found._has_unsafe_expression_template_qweb(found.body_html, found.model)
            for found in (template.with_context(lang=code) for code in codes)
        )

    def _write(self, groups):
        """Make messages as they will be, take them back, and return the obstacle of each.

        Enclosures are slow to make: the first message's stand for the others, unless they fail.
        """
        with self.env.cr.savepoint() as savepoint:
            reminders = self._create_samples(groups)
            if not reminders:
                return [None] * len(groups)
            obstacles = [self._try_text(reminder) for reminder in reminders]
            failed = not obstacles[0] and self._try_enclosures(reminders[0])
            if failed:
                obstacles = [
                    obstacle or self._try_enclosures(reminder)
                    for reminder, obstacle in zip(reminders, obstacles, strict=True)
                ]
            savepoint.rollback()
        return obstacles

    def _create_samples(self, groups):
        """Create messages as they will be; none where that fails: the execution says why."""
        try:
            with self.env.cr.savepoint():
                return self._create_planned(groups)[0]
        except OperationalError:
            raise
        except Exception as error:
            _logger.info("No sample could be made: %s", get_error_text(error))
        return self.env["dunning.reminder"]

    @api.model
    def _try_text(self, reminder):
        """Return the obstacle that the text of a message cannot be written, or None."""
        try:
            with self.env.cr.savepoint(flush=False):
                if reminder._get_channel().mail:
                    reminder._render_texts()
                else:
                    reminder._render_contents()
        except OperationalError:
            raise
        except Exception as error:
            # whatever a text can do wrong: that is what is asked
            return Obstacle("text_broken", {"error": get_error_text(error)})
        return None

    @api.model
    def _try_enclosures(self, reminder):
        """Return the obstacle that what a message encloses cannot be made, or None.

        Each report is made as a web page: what fails in it fails there too, without a PDF.
        """
        try:
            with self.env.cr.savepoint(flush=False):
                for report, records in self._get_enclosures(reminder):
                    reports = self.env["ir.actions.report"].sudo()
                    reports._render_qweb_html(report, records.ids)
        except OperationalError:
            raise
        except Exception as error:
            return reminder._get_document_obstacle(error)
        return None

    @api.model
    def _get_enclosures(self, reminder):
        """Return the reports a message needs, each with the records it is made of."""
        level, found = reminder.level_id, []
        if level._get_channel().is_paper:
            found.append((reminder._get_shipped_report("dunning_letter_report"), reminder))
        if billed := reminder._filter_billed():
            found.append((reminder._get_shipped_report("dunning_bill_report"), billed))
        if not level._get_channel().mail:
            return found
        if reminder.enclose_statement:
            found.append((reminder._get_statement_report(level), reminder))
        if level.attach_invoices and level.invoice_report_id:
            found.append((level.invoice_report_id, reminder._get_enclosed_invoices()))
        elif level.attach_invoices:
            found += reminder._get_unsent().items()
        return [(report, records) for report, records in found if records]
