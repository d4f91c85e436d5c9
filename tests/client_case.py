"""What the web client does with buttons, without a browser: every one that a user is offered is
pressed, what it answers is opened, and all is taken back."""

import csv
import datetime
import io
import re
from base64 import b64encode
from collections import Counter
from contextlib import closing

from odoo.exceptions import AccessError, MissingError, RedirectWarning, UserError
from odoo.service.model import call_kw
from odoo.tests import Form

from odoo.addons.web.controllers.utils import clean_action

from .client_views import Reader, depth_of, fields_of, values_of

# Dialogs in dialogs in dialogs: nobody gets further by the buttons of the addon.
DEPTH = 4
# Records shown of a window that a button opens.
FEW = 3
# Nobody writes these: who may read them may act on them, by the buttons alone.
ACTED_ON = {"dunning.reminder"}
# What to type where a dialog wants something before its button can be pressed.
TYPED = {
    "char": "Because",
    "text": "Because",
    "html": "<p>Because</p>",
    "integer": 1,
    "float": 1.0,
    "monetary": 1.0,
}


def _choose_customer(form):
    companies = (False, form.company_id.id)
    customers = form._env["res.partner"].search([("company_id", "in", companies)], limit=1)
    form.partner_ids.add(customers)


def _choose_agreements(form):
    """Choose a file with an agreement that can be made, and one that cannot."""
    companies = (False, form.company_id.id)
    customers = form._env["res.partner"].search([("company_id", "in", companies)])
    names = Counter(customers.mapped("name"))
    name = next(name for name, count in names.items() if name and count == 1)
    rows = [["Customer", "Description", "Price", "Repeats", "Next invoice"]]
    rows += [[who, "Walk", "5.00", "monthly", "2035-01-01"] for who in (name, "Nobody there")]
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    form.file = b64encode(file.getvalue().encode())


# What a dialog wants although no field of its form is required.
CHOSEN = {
    "recurrence.import": _choose_agreements,
    "recurrence.schedule.change": lambda form: setattr(form, "invoice_mode", "draft"),
    "recurrence.schedule.customers": _choose_customer,
}


class Parent:
    """``parent`` in an expression of a row: the record the row belongs to."""

    def __init__(self, values):
        self.__dict__.update(values)


class Client(Reader):
    """A reader who presses buttons.

    :param dict typed: what to type into a required field of a type, besides ``TYPED``
    :param int patience: on how many records a button of a view is pressed
    """

    def __init__(self, *arguments, typed=None, patience=1):
        super().__init__(*arguments)
        self.typed, self.patience = {**TYPED, **(typed or {})}, patience
        self.done = Counter()

    def undo(self, where, function, *args):
        """Do something and take it back. A sentence is an answer too; a denied right is none."""
        where = f"{where} as {self.name}" if " as " not in where else where
        action = None
        with closing(self.env.cr.savepoint()):
            try:
                function(*args)
                self.env.flush_all()
            except (AccessError, MissingError) as error:
                self.book.fault(where, error)
            except UserError as error:
                self.book.refused.setdefault((where.split(" as ")[0], str(error)), where)
            except RedirectWarning as warning:
                action = warning.args[1]
            except Exception as error:
                self.book.fault(where, error)
        if isinstance(action, dict):
            # what led to the warning is taken back before its button can be pressed
            self.undo(where, self.follow, clean_action(action, self.env), {"active_ids": []}, 1)

    # === PRESSING === #

    def press_all(self, model, arch, row, own=None, depth=0, context=None, title=""):
        """Press, each by itself, the buttons that a record's view offers for it now.

        :param row: the record's values as read for the view
        :param own: the buttons to press, as ``{(type, name)}``; None: all
        """
        shown = {"context": {**self.env.context, **(context or {})}}
        for button, record_model, record_id, where in self.offered(model, arch, row, own, shown):
            key = where, record_model, button.get("context"), title
            if self.done[key] >= self.patience:
                continue
            self.done[key] += 1
            place = f"button {where} of {record_model} {title}"
            self.undo(place, self.press, button, record_model, record_id, depth, context or {})

    def offered(self, model, arch, row, own, shown):
        """Yield the buttons a user sees: (node, model, record id, what it is called).

        :param shown: what expressions know besides the record's values
        """
        values = {**values_of(row), **shown}
        # get_views leaves out what the user's groups do not see
        for button in arch.iterfind(".//button"):
            if depth_of(button) != depth_of(arch) + (arch.tag == "field"):
                continue
            key = button.get("type"), button.get("name")
            if key[0] not in ("object", "action") or (own is not None and key not in own):
                continue
            self.book.seen[model, key] += 1
            # what stands above a list is for what is ticked there: ticked are records of one's own
            of_list = button.getparent().tag == "header" and arch.tag == "list"
            ticked = self.env[model].browse(row["id"])
            if of_list and model not in ACTED_ON and not ticked.has_access("write"):
                continue
            if not self.hidden(button, arch, values):
                yield button, model, row["id"], f"{key[1]} ({button.get('string') or ''})"
        for field in fields_of(arch):
            if row.get(field.get("name")) and not self.hidden(field, arch, values):
                within = {**shown, "parent": Parent(values)}
                yield from self.offered_in_rows(model, field, row, own, within)

    def offered_in_rows(self, model, field, row, own, shown):
        """Yield the buttons in the rows of a field."""
        definition = self.env[model]._fields[field.get("name")]
        if definition.type in ("one2many", "many2many"):
            for view in field.iterchildren("list", "kanban"):
                for line in row[field.get("name")]:
                    yield from self.offered(definition.comodel_name, view, line, own, shown)

    def hidden(self, node, root, values):
        """Whether a node or what holds it is not shown for these values."""
        while node is not None and node is not root:
            for attribute in ("invisible", "column_invisible"):
                expression = node.get(attribute)
                if expression and self.evaluate(expression, values):
                    return True
            node = node.getparent()
        return False

    def press(self, button, model, record_id, depth, context):
        """Press a button, of a record or of none, and open what it answers."""
        kind, name = button.get("type"), button.get("name")
        ids = [record_id] if record_id else []
        active = {"active_id": record_id, "active_ids": ids, "active_model": model}
        expression = button.get("context") or "{}"
        own = self.evaluate(expression, {**active, **self.read_named(model, record_id, expression)})
        self.book.pressed[model, (kind, name)] += 1
        if kind == "action":
            return self.follow(self.load_action(int(name)), {**active, **own}, depth + 1)
        arguments = self.evaluate(button.get("args") or "[]")
        records = self.env[model].with_context(**context)
        result = call_kw(
            records, name, [ids, *arguments], {"context": {**records.env.context, **own}}
        )
        if isinstance(result, dict) and result.get("type"):
            self.follow(clean_action(result, env=self.env), active, depth + 1)

    def read_named(self, model, record_id, expression):
        """Return the values of a record that an expression names, as the client has them."""
        names = set(re.findall(r"\w+", expression)) & set(self.env[model]._fields)
        if not (record_id and names):
            return {}
        [row] = self.env[model].browse(record_id).read(sorted(names), load="")
        return {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in row.items()
        }

    # === ACTIONS === #

    def load_action(self, action_id):
        """An action as the client loads it by its id."""
        kind = self.env["ir.actions.actions"].sudo().browse(action_id).type
        action = self.env[kind].sudo().browse(action_id)
        if kind == "ir.actions.act_window":
            return clean_action(action._get_action_dict(), env=self.env)
        return clean_action(action.read()[0], env=self.env)

    def follow(self, action, active, depth=0):
        """Open what an action says."""
        kind = action["type"]
        if kind == "ir.actions.act_window":
            self.open_window(action, active, depth)
        elif kind == "ir.actions.report":
            ids = action.get("context", {}).get("active_ids") or active["active_ids"]
            self.env["ir.actions.report"]._render_qweb_html(action["report_name"], ids)
        elif kind == "ir.actions.client":
            following = (action.get("params") or {}).get("next")
            if following:
                self.follow(following, active, depth)
        elif kind == "ir.actions.server":
            result = self.env[kind].browse(action["id"]).with_context(**active).run()
            if result:
                self.follow(clean_action(result, env=self.env), active, depth)
        elif kind == "ir.actions.act_url":
            assert action["url"], "an address to open"

    def open_window(self, action, active, depth):
        model = action["res_model"]
        context = action.get("context") or {}
        if isinstance(context, str):
            context = self.evaluate(context, active)
        context = {**{k: v for k, v in active.items() if k.startswith("active_")}, **context}
        domain = action.get("domain") or []
        if isinstance(domain, str):
            domain = self.evaluate(domain, {**active, **context})
        pairs = action.get("views") or [(False, k) for k in action["view_mode"].split(",")]
        search = (action.get("search_view_id") or [False])[0]
        archs = self.views(model, [*pairs, (search, "search")], context)
        self.check_defaults(context, archs["search"])
        dialog = action.get("target") == "new"
        for view_id, kind in pairs:
            arch = archs[kind]
            if kind != "form":
                self.open(model, view_id, kind, arch, domain, context, limit=FEW)
                self.press_above(model, arch, context, depth)
            elif action.get("res_id"):
                rows = self.read_one(model, arch, action["res_id"], context)
                if dialog and depth < DEPTH:
                    self.press_all(model, arch, rows, None, depth, context, action.get("name", ""))
            elif dialog and pairs[0][1] == "form":
                self.fill_dialog(model, view_id, arch, context, depth, action.get("name", ""))
            elif pairs[0][1] == "form" or self.env[model].has_access("create"):
                self.open_new(model, arch, context)

    def press_above(self, model, arch, context, depth):
        """Press what stands above a list whatever is ticked, as this action opens it."""
        shown = {"context": {**self.env.context, **context}}
        for button in arch.iterfind("header/button[@display='always']"):
            key = model, button.get("name"), button.get("string")
            if self.done[key] < self.patience and not self.hidden(button, arch, shown):
                self.done[key] += 1
                self.undo(
                    f"button {key[1]} above {model}",
                    self.press,
                    button,
                    model,
                    None,
                    depth,
                    context,
                )

    def check_defaults(self, context, search):
        """A filter that an action switches on is there to be seen and switched off."""
        names = {node.get("name") for node in search.iter("filter", "field")}
        for key, value in context.items():
            if key.startswith("search_default_") and value:
                name = key.removeprefix("search_default_")
                assert name in names, f"the search view has no filter {name}"

    def read_one(self, model, arch, record_id, context=None):
        records = self.env[model].with_context(**(context or {})).browse(record_id)
        self.book.records += 1
        return records.web_read(self.specification(arch, model))[0]

    def open_new(self, model, arch, context=None):
        """Press New: the defaults and what follows from them."""
        if arch.get("create") in ("0", "false") or not self.env[model].has_access("create"):
            return
        spec = self.specification(arch, model)
        self.env[model].with_context(**(context or {})).onchange({}, [], spec)

    def fill_dialog(self, model, view_id, arch, context, depth, title):
        """Open a dialog, fill in what it wants, and press each of its buttons."""
        form = Form(self.env[model].with_context(**context), view_id or None)
        CHOSEN.get(model, lambda _form: None)(form)
        for _missing in range(5):
            try:
                record = form.save()
                break
            except AssertionError as error:
                self.fill_in(form, str(error).split()[0])
        else:
            raise AssertionError(f"the dialog {model} cannot be filled in")
        row = self.read_one(model, arch, record.id, context)
        if depth < DEPTH:
            self.press_all(model, arch, row, None, depth, context, title)

    def fill_in(self, form, name):
        """Type something into a field that is required."""
        definition = form._record._fields[name]
        if definition.type in ("date", "datetime"):
            form[name] = str(datetime.date.today() + datetime.timedelta(days=40))
        elif definition.type == "selection":
            form[name] = definition.get_values(self.env)[0]
        elif definition.type == "many2one":
            form[name] = self.env[definition.comodel_name].search([], limit=1)
        else:
            form[name] = self.typed[definition.type]

    def change_all(self, model, arch, row):
        """Change each field that something follows from, as one who types what it holds."""
        spec = self.specification(arch, model)
        record = self.env[model].browse(row["id"])
        if not record.has_access("write"):
            return
        values = values_of(row)
        for field in fields_of(arch):
            name = field.get("name")
            definition = self.env[model]._fields[name]
            if not field.get("on_change") or definition.type in ("one2many", "many2many"):
                continue
            if definition.readonly or self.evaluate(field.get("readonly") or "0", values):
                continue
            if not self.hidden(field, arch, values):
                place = f"change of {name} in {model}"
                self.attempt(place, record.onchange, {name: values[name]}, [name], spec)
