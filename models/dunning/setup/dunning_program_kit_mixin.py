from collections import defaultdict

from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

STANDARD = "standard"
# What the ready-made programs consist of: (key, days, gap, name, mail template, channel). The gaps
# keep steps apart where one went out late. The key is what Reset finds a level by.
KITS = {
    STANDARD: (
        ("notice", -3, 0, _lt("Polite notice"), "notice", "email"),
        ("level_1", 5, 0, _lt("First reminder"), "level_1", "email"),
        ("level_2", 15, 7, _lt("Second reminder"), "level_2", "email"),
        ("level_3", 30, 14, _lt("Final reminder"), "level_3", "email"),
    ),
    "friendly": (
        ("friendly_1", 7, 0, _lt("Gentle reminder"), "friendly_1", "email"),
        ("friendly_2", 21, 10, _lt("Second gentle reminder"), "friendly_2", "email"),
        ("friendly_3", 45, 14, _lt("Serious reminder"), "level_2", "email"),
    ),
    "strict": (
        ("strict_1", 1, 0, _lt("Payment reminder"), "strict_1", "email"),
        ("strict_2", 8, 7, _lt("Second payment reminder"), "level_2", "email"),
        ("strict_3", 15, 7, _lt("Formal demand"), "strict_3", "email_letter"),
    ),
}
KIT_NAMES = {
    STANDARD: _lt("Standard program"),
    "friendly": _lt("Friendly program"),
    "strict": _lt("Strict program for businesses"),
}
KIT_NOTES = {
    STANDARD: _lt(
        "A polite notice 3 days before the due date, then reminders 5, 15 and 30 days after it."
    ),
    "friendly": _lt(
        "Lenient, for customers you want to keep: 7, 21 and 45 days after the due date."
    ),
    "strict": _lt(
        "Short terms between businesses: 1 and 8 days after the due date, then a formal demand by "
        "e-mail and letter after 15 days."
    ),
}


class DunningProgramKitMixin(models.AbstractModel):
    """Where programs come from: ready-made ones, copies for a customer or another company (D3)."""

    _name = "dunning.program.kit.mixin"
    _description = "Creation of Dunning Programs"

    # === READY-MADE === #

    @api.model
    def _get_level_values(self, kit):
        """Return the values of the levels of a ready-made program.

        :param str kit: a key of ``KITS``; anything else stands for the standard one
        :return: list of values as ``create`` of dunning.level takes them
        """
        values = []
        translate = self.env._
        for key, days, gap, name, template, channel in KITS.get(kit) or KITS[STANDARD]:
            message_id = self.env["ir.model.data"]._xmlid_to_res_id(
                f"account_recurrence_dunning.mail_template_{template}", raise_if_not_found=False
            )
            values.append(
                {
                    "default_key": key,
                    "name": translate(name),
                    "days": days,
                    "gap": gap,
                    "mail_template_id": message_id,
                    "channel": channel,
                }
            )
        return values

    @api.model
    def _get_shipped_names(self, kit):
        """Return the names a ready-made level may have been given, by the key of the level.

        A level is named in the language of whoever made the program.
        """
        names = defaultdict(set)
        for code, _name in self.env["res.lang"].get_installed():
            for values in self.with_context(lang=code)._get_level_values(kit):
                names[values["default_key"]].add(values["name"])
        return names

    @api.model
    def _prepare_program(self, kit, company):
        """Return the values of a ready-made program, manual and with one planned line."""
        translate = self.env._
        return {
            "name": translate(KIT_NAMES[kit]),
            "kit": kit,
            "company_id": company.id,
            "level_ids": [Command.create(values) for values in self._get_level_values(kit)],
            "schedule_ids": [Command.create({})],
        }

    def _name_in_languages(self):
        """Give ready-made programs and levels their names in every language that is installed.

        A name that somebody chose stays.
        """
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for program in self:
            kit, told = program.kit, self._get_kit_names(program.kit)
            names = {code: self.with_context(lang=code)._get_kit_names(kit) for code in languages}
            keys = {program: None, **{level: level.default_key for level in program.level_ids}}
            for record, key in keys.items():
                if record.name == told.get(key):
                    texts = {code: names[code][key] for code in languages}
                    record.update_field_translations("name", texts)

    @api.model
    def _get_kit_names(self, kit):
        """Return the names of a ready-made program (None) and its levels (by key)."""
        translate = self.env._
        levels = {values["default_key"]: values["name"] for values in self._get_level_values(kit)}
        return {None: translate(KIT_NAMES[kit]), **levels}

    @api.model
    def _name_in_later_languages(self, languages):
        """Give ready-made programs and levels their names in languages installed after them.

        A name that somebody chose, or wrote in such a language, stays.
        """
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        names = {
            code: self.with_context(lang=code)._get_all_kit_names()
            for code in {"en_US", *installed}
        }
        later = set(languages).intersection(installed)
        for model, key_name in (("dunning.program", "kit"), ("dunning.level", "default_key")):
            records = self.env[model].sudo().with_context(tracking_disable=True)
            for record_id, key, stored in self._read_stored_names(records, key_name):
                missing = {code: names[code][key] for code in later - stored.keys()}
                if missing and stored["en_US"] in {told[key] for told in names.values()}:
                    records.browse(record_id).update_field_translations("name", missing)

    @api.model
    def _read_stored_names(self, records, key_name):
        """Return what is ready-made, as (id, key, {language: name}); Odoo reads one language."""
        records.flush_model(["name", key_name])
        return self.env.execute_query(
            SQL(
                "SELECT id, %(key)s, name FROM %(table)s WHERE %(key)s = ANY(%(keys)s)",
                key=SQL.identifier(key_name),
                table=SQL.identifier(records._table),
                keys=list(self._get_all_kit_names()),
            )
        )

    @api.model
    def _get_all_kit_names(self):
        """Return the names of all ready-made programs (by kit) and levels (by key)."""
        translate = self.env._
        programs = {kit: translate(name) for kit, name in KIT_NAMES.items()}
        levels = {key: translate(name) for kit in KITS.values() for key, _, _, name, *_ in kit}
        return {**programs, **levels}

    # === COPIES === #

    def _copy_to_company(self, company):
        """Copy a program with its levels and texts to another company, manual and without people.

        What belongs to the first company alone (people without access to the other one, its
        customer, its tags and contacts in copy, its mail server) is left out; the planned hours
        come along, their runs do not.

        :return: the copy
        """
        user = self.sender_user_id
        keeps_sender = self.sender != "user" or company in user.company_ids
        levels = self.level_ids.sorted("id")
        copy = self.with_company(company).copy(
            {
                "name": self.name,
                "company_id": company.id,
                "mode": "manual",
                "user_id": self.env.uid,
                "sender": self.sender if keeps_sender else "company",
                "sender_user_id": user.id if keeps_sender else False,
                "mail_server_id": False,
                "runner_ids": False,
                "report_user_ids": False,
                "allow_copy": False,
                "copy_email": False,
                "level_ids": [Command.create(level._prepare_copy_to(company)) for level in levels],
            }
        )
        for level, made in zip(levels, copy.level_ids.sorted("id"), strict=True):
            level.copy_translations(made)
        return copy
