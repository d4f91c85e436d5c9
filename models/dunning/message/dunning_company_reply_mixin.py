from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError

from ...common.access_groups import DUNNING_SETTINGS

MOST_DAYS = 365
ALIAS_NAME = "reminders"


class DunningCompanyReplyMixin(models.AbstractModel):
    """The address that customers answer to, and what an answer holds back."""

    _name = "dunning.company.reply.mixin"
    _description = "Replies to a Company's Reminders"
    _inherit = "recurrence.dunning.system.field.mixin"

    dunning_alias_id = fields.Many2one(
        "mail.alias",
        string="Reply Address",
        readonly=True,
        copy=False,
        system=True,
        ondelete="set null",
        help="Customers reply to this address.",
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_reply_days = fields.Integer(
        string="Pause after a Reply (days)",
        default=7,
        help=(
            "When a customer replies to a reminder, no further reminders are sent to that customer "
            "for this many days. Leave at 0 for no pause."
        ),
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    @api.constrains("dunning_reply_days")
    def _check_dunning_reply_days(self):
        for company in self:
            if not 0 <= company.dunning_reply_days <= MOST_DAYS:
                raise ValidationError(
                    self.env._("Pause after a reply: 0 to %(days)s days.", days=MOST_DAYS)
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._dunning_keep_alias()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if not {"dunning_active", "alias_domain_id"}.isdisjoint(vals):
            self._dunning_keep_alias()
        return result

    def _dunning_keep_alias(self):
        """Give companies with dunning and an alias domain the address that customers answer to."""
        for company in self.sudo().filtered(lambda c: c.dunning_active and c.alias_domain_id):
            alias, domain = company.dunning_alias_id, company.alias_domain_id
            if alias.alias_domain_id == domain:
                continue
            name = company._dunning_find_alias_name(alias.alias_name or ALIAS_NAME)
            values = {"alias_name": name, "alias_domain_id": domain.id}
            if alias:
                alias.write(values)
                continue
            model = self.env["ir.model"]._get_id("dunning.reminder")
            company.dunning_alias_id = alias.create({**values, "alias_model_id": model})

    def _dunning_find_alias_name(self, name):
        """Return the name if it is free in the company's alias domain, else one with its id."""
        domain = self.alias_domain_id
        taken = [("alias_name", "=", name), ("alias_domain_id", "=", domain.id)]
        if name in (domain.bounce_alias, domain.catchall_alias) or (
            self.env["mail.alias"].sudo().search_count(taken, limit=1)
        ):
            return f"{name}-{self.id}"
        return name

    def _dunning_get_answer_address(self):
        """Return the address that shows answers here; empty: the company has no alias domain."""
        company = self.sudo()
        if not company.alias_domain_id:
            return ""
        alias = company.dunning_alias_id
        if alias.alias_name and alias.alias_domain_id == company.alias_domain_id:
            return alias.alias_full_name
        return company.catchall_email

    def _dunning_get_own_addresses(self):
        """Return the addresses from which no customer writes, normalized."""
        company = self.sudo()
        domain = company.alias_domain_id
        return {
            company.dunning_alias_id.alias_full_name,
            company.partner_id.email_normalized,
            *(domain.catchall_email, domain.bounce_email, domain.default_from_email),
        } - {False, "", None}

    def _dunning_find_colleague(self, people):
        """Return the first of some users who may see the company's reminders, else one who may."""
        self.ensure_one()
        group = self.env.ref("account_recurrence_dunning.dunning_group_user").sudo()
        manager = self.env.ref("account_recurrence_dunning.dunning_group_manager").sudo()
        may = group.all_user_ids.filtered(
            lambda user: (
                user.active
                and not user.share
                and user.id != SUPERUSER_ID
                and self in user.company_ids
            )
        )
        managers = may & manager.all_user_ids
        for user in (*people, *managers.sorted("id"), *may.sorted("id")):
            if user in may:
                return user
        return self.env["ir.cron"]._get_alarm_users(self.env["res.users"])[:1]
