"""Issue 16, section 3: every view, menu, filter and button of the addon, for every group."""

import logging
from base64 import b64encode
from collections import Counter
from contextlib import suppress

from lxml import etree
from psycopg2 import IntegrityError

from odoo.exceptions import MissingError, UserError
from odoo.models import BaseModel
from odoo.tests import tagged
from odoo.tools import mute_logger

from .client_case import Client
from .client_views import ADDON, RECORD_VIEWS, Book
from .screen_world import GROUPS, ScreenWorld

_logger = logging.getLogger(__name__)

SHOWN = (*RECORD_VIEWS, "search", "pivot", "graph")
# What the menus of Odoo open these models with.
CONTEXTS = {"account.move": {"default_move_type": "out_invoice"}}
# Odoo's own buttons are pressed too where the addon answers them.
ALL_BUTTONS = ("mail.activity",)
SETTINGS = "res.config.settings"


@tagged("post_install", "-at_install")
class TestEveryScreen(ScreenWorld):
    """Generated from the views, actions and menus that the addon has in the database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # who sees the menu of accounting too
        cls.users["administrator"].group_ids += cls.env.ref("account.group_account_readonly")
        cls.book = Book()
        cls.langs = [code for code, _name in cls.env["res.lang"].get_installed()]
        data = cls.env["ir.model.data"].sudo().search([("module", "=", ADDON)])
        found = data.grouped("model")
        ids = {model: records.mapped("res_id") for model, records in found.items()}
        views = cls.env["ir.ui.view"].sudo().browse(ids["ir.ui.view"])
        cls.own_views = views.filtered(lambda view: view.type in SHOWN)
        cls.menus = cls.env["ir.ui.menu"].sudo().browse(ids["ir.ui.menu"])
        cls.actions = [
            action.id
            for kind in ("ir.actions.act_window", "ir.actions.server")
            for action in cls.env[kind].sudo().browse(ids.get(kind, []))
            if action.binding_model_id
        ]

    def clients(self):
        """Each group in each company; the languages go round, so that each meets each company."""
        for number, user in enumerate(self.users.values()):
            for company in self.companies:
                lang = self.langs[number % len(self.langs)]
                number += 1
                file = f"Invoice;Level\n{self.numbers[company]};1\nNOT/THERE;1\n"
                typed = {"binary": b64encode(file.encode())}
                first = user == self.users["administrator"] and company == self.company
                activities = self.activities[company].filtered(lambda a, u=user: a.user_id == u)
                scope = {**self.scope, "mail.activity": activities.ids}
                yield Client(
                    self.book,
                    self.env,
                    user,
                    company,
                    lang,
                    scope,
                    typed=typed,
                    patience=9 if first else 1,
                )

    def roots(self):
        """The views to open: ``{view: its own buttons, None where all are the addon's}``."""
        roots = {}
        for view in self.own_views:
            root = view
            while root.inherit_id and root.mode == "extension":
                root = root.inherit_id
            own = roots.setdefault(root, set())
            # a primary view of one of Odoo's holds Odoo's buttons too
            base = root
            while base.inherit_id:
                base = base.inherit_id
            is_ours = root == view and base in self.own_views
            if is_ours or view.model in ALL_BUTTONS:
                roots[root] = None
            elif own is not None:
                own |= self.get_nodes(view)
        for root, own in roots.items():
            base = root.inherit_id
            while own is not None and base:
                own |= roots.get(base) or set()
                base = base.inherit_id
        return roots

    def get_nodes(self, view):
        """Return the names of buttons, filters and fields, with and without their type."""
        nodes = list(etree.fromstring(view.arch).iter("button", "filter", "field"))
        return {(node.get("type"), node.get("name")) for node in nodes} | {
            node.get("name") for node in nodes
        }

    def assertNoFaults(self):
        faults = [f"{text}\n    in {where}" for (_what, text), where in self.book.faults.items()]
        self.assertFalse(faults, "\n" + "\n".join(faults))

    def test_every_view_loads_for_every_group_in_every_language(self):
        loads = 0
        for user in self.users.values():
            for lang in self.langs:
                client = Client(self.book, self.env, user, self.company, lang)
                for view in self.roots():
                    if client.env[view.model].has_access("read"):
                        pairs = [(view.id, view.type)]
                        where = f"{view.type} view {view.xml_id}"
                        archs = client.attempt(where, client.views, view.model, pairs)
                        loads += bool(archs)
        _logger.info(
            "%s views loaded for %s groups in %s languages: %s times",
            len(self.roots()), len(GROUPS), len(self.langs), loads,
        )  # fmt: skip
        self.assertNoFaults()

    @mute_logger("odoo.tests.form.onchange", "odoo.addons.base.models.ir_model")
    def test_every_screen_opens_and_every_button_runs(self):
        roots = self.roots()
        with self.mock_mail_gateway():
            for client in self.clients():
                for view, own in roots.items():
                    self.visit(client, view, own)
                self.archive_what_is_used(client)
                self.use_menus(client)
                self.use_bound_actions(client)
        book = self.book
        _logger.info(
            "%s records shown, %s filters, %s menus, %s buttons pressed %s times, "
            "%s refusals with a sentence",
            book.records, book.filters, book.menus, len(book.pressed), book.pressed.total(),
            len(book.refused),
        )  # fmt: skip
        for (what, text), _where in book.refused.items():
            _logger.info("refused: %s: %s", what, text)
        with self.subTest("views that no user came to"):
            self.assertFalse(sorted(self.never_opened()))
        with self.subTest("buttons that no user was offered"):
            self.assertFalse(sorted(self.never_pressed()))
        self.assertNoFaults()

    def test_every_dialog_about_nothing_says_so(self):
        """L6: opened without what it is about, a button answers or refuses in a sentence."""
        client = self.env(user=self.users["administrator"])
        pressed = Counter()
        for name, model in sorted(client.items()):
            if model._original_module != ADDON or not model._transient or name == SETTINGS:
                continue
            buttons = [
                button
                for button in dir(type(model))
                if button.startswith("action_") and not hasattr(BaseModel, button)
            ]
            for active in ({}, {"active_ids": []}, {"active_ids": [0], "active_id": 0}):
                opened = model.with_context(active_model="account.move", **active)
                for vals in ({}, self.least(opened)):
                    for button in buttons:
                        with self.subTest(dialog=name, button=button, active=active, vals=vals):
                            pressed[name] += self.press_nothing(opened, vals, button)
        # the others refuse to be opened about nothing
        self.assertGreater(len(+pressed), 10, pressed)

    def least(self, model):
        """The least that a record needs: values of its required fields."""
        vals = {}
        for name, field in model._fields.items():
            if field.required and field.store and not field.compute:
                if field.type == "many2one":
                    vals[name] = model.env[field.comodel_name].search([], limit=1).id
                elif field.type == "selection":
                    vals[name] = field.get_values(model.env)[0]
        return vals

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_model")
    def press_nothing(self, model, vals, button):
        """Press a button of a new dialog; return whether it could be opened."""
        dialog = model.browse()
        # Odoo answers a missing field in a sentence of its own
        with suppress(UserError, MissingError, IntegrityError), self.mock_mail_gateway():
            with self.env.cr.savepoint() as savepoint:
                dialog = model.create(vals)
                getattr(dialog, button)()
                savepoint.rollback()
        self.env.invalidate_all()
        return bool(dialog)

    def never_opened(self):
        return {
            view.xml_id
            for view in self.roots()
            if not self.book.opened[view.id] and view.xml_id.startswith(ADDON)
            # what a dialog found is listed once it was made: test_dunning_forecast opens it
            if view.type == "form" or not self.env[view.model]._transient
        }

    def never_pressed(self):
        archs = [etree.fromstring(view.arch) for view in self.own_views]
        own = {node.get("name") for arch in archs for node in arch.iter("button")}
        return {
            f"{model}: {name}"
            for model, (kind, name) in self.book.seen
            if name in own and not self.book.pressed[model, (kind, name)]
        }

    def visit(self, client, view, own):
        """Open a view as one user, on all that it shows, and press what it offers."""
        model, kind = view.model, view.type
        if client.env[model]._transient and model != "res.config.settings":
            return  # dialogs are opened by buttons
        if not client.env[model].has_access("read"):
            return
        where = f"{kind} view {view.xml_id}"
        context = CONTEXTS.get(model)
        archs = client.attempt(where, client.views, model, [(view.id, kind)], context)
        if not archs:
            return
        arch = archs[kind]
        if model == "res.config.settings":
            if client.user.has_group("base.group_system"):
                self.use_settings(client, view, own)
            return
        rows = client.open(model, view.id, kind, arch, context=context, own=own)
        if kind not in RECORD_VIEWS:
            return
        for row in rows:
            client.press_all(model, arch, row, own, context=context)
        if kind == "form":
            client.attempt(f"new in {where}", client.open_new, model, arch, context)
            self.use_form(client, model, arch, rows, own)

    def use_form(self, client, model, arch, rows, own):
        if rows and model == "dunning.program":
            self.use_on_hold(client, model, arch, rows, own)
        if rows and own is None:
            client.change_all(model, arch, rows[0])

    def use_settings(self, client, view, own):
        """The settings hold no records: they are filled in and saved with each button."""
        model = "res.config.settings"
        archs = client.views(model, [(view.id, "form")])

        def press(home):
            client.company.sudo().dunning_home = home
            settings = client.env[model].create({})
            row = client.read_one(model, archs["form"], settings.id)
            client.press_all(model, archs["form"], row, own)

        for home in (client.company.sudo().dunning_home, "another database"):
            client.undo("settings", press, home)

    def archive_what_is_used(self, client):
        """The guard of templates asks; what it offers instead is pressed too."""
        term = self.terms[client.company].with_env(client.env)
        if term.has_access("write"):
            client.undo("archiving a term", term.action_archive)

    def use_on_hold(self, client, model, arch, rows, own):
        """In a database that may be a copy."""

        def press():
            client.company.sudo().dunning_home = "another database"
            self.env.invalidate_all()
            row = client.read_one(model, arch, rows[0]["id"])
            client.press_all(model, arch, row, own)

        client.undo(f"{model} on hold", press)

    def use_menus(self, client):
        visible = client.env["ir.ui.menu"]._visible_menu_ids()
        for menu in self.menus:
            if menu.id in visible and menu.action:
                self.book.menus += 1
                where = f"menu {menu.complete_name}"
                action = client.load_action(menu.action.id)
                client.undo(where, client.follow, action, {"active_ids": []})

    def use_bound_actions(self, client):
        """What stands in the Actions menu of a list, on two of its records."""
        for action_id in self.actions:
            kind = self.env["ir.actions.actions"].sudo().browse(action_id).type
            action = self.env[kind].sudo().browse(action_id)
            model = action.binding_model_id.model
            groups = action.group_ids
            if groups and not client.user.all_group_ids & groups:
                continue
            if not client.env[model].has_access("read"):
                continue
            domain = [("id", "in", self.scope[model])] if model in self.scope else []
            records = client.env[model].search(domain, limit=2)
            active = {
                "active_model": model, "active_ids": records.ids, "active_id": records[:1].id
            }  # fmt: skip
            loaded = client.load_action(action_id)
            where = f"action {action.name} of {model}"
            client.undo(where, client.follow, loaded, active)
