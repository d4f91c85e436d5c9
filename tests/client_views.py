"""What the web client does with views, without a browser: loads them, reads what they show,
applies their filters."""

import datetime
import traceback
from collections import Counter, defaultdict

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo.tools.safe_eval import datetime as safe_datetime
from odoo.tools.safe_eval import safe_eval
from odoo.tools.safe_eval import time as safe_time

ADDON = "account_recurrence_dunning"
RECORD_VIEWS = ("list", "kanban", "form", "calendar", "activity")
CALENDAR_FIELDS = ("date_start", "date_stop", "date_delay", "all_day", "color")
# Records shown of a view, and of those that are alike.
MANY, ALIKE = 30, 2


class Book:
    """What all clients saw together: opened views, pressed buttons, refusals and faults."""

    def __init__(self):
        self.opened, self.pressed, self.seen = Counter(), Counter(), Counter()
        self.refused, self.faults = {}, {}
        self.records = self.filters = self.menus = 0

    def fault(self, where, error):
        frames = traceback.extract_tb(error.__traceback__)
        folder = f"/addons/{ADDON}/"
        own = [f for f in frames if folder in f.filename and "/tests/" not in f.filename]
        place = f" ({own[-1].filename.split(folder)[-1]}:{own[-1].lineno})" if own else ""
        text = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}{place}"
        self.faults.setdefault((where.split(" as ")[0], text), where)


class Reader:
    """One user in one company and language, looking at what there is.

    :param Book book: takes down what happens
    :param dict scope: model → ids, for models that hold more than what is to be opened
    """

    def __init__(self, book, env, user, company, lang, scope=None):
        context = {"allowed_company_ids": company.ids, "lang": lang, "tz": "UTC", "uid": user.id}
        self.book, self.user, self.company, self.scope = book, user, company, scope or {}
        self.env = env(user=user.id, su=False, context=context)
        self.loaded = {}
        self.name = f"{user.login}, {company.name}, {lang}"

    # === TRYING === #

    def attempt(self, where, function, *args):
        """Look at something; note where that fails.

        :return: what the function returned; None where it failed
        """
        try:
            with self.env.cr.savepoint(flush=False):
                return function(*args)
        except Exception as error:
            self.book.fault(f"{where} as {self.name}", error)
        return None

    # === READING VIEWS === #

    def views(self, model, pairs, context=None):
        """Load views as the client does: ``{type: arch}``."""
        defaults = {k: v for k, v in (context or {}).items() if not k.startswith("active_")}
        key = model, str(pairs), str(defaults)
        if key not in self.loaded:
            answer = self.env[model].with_context(**(context or {})).get_views(pairs)["views"]
            for kind, view in answer.items():
                self.book.opened[view["id"] or f"{model} {kind}"] += 1
            archs = {kind: etree.fromstring(view["arch"]) for kind, view in answer.items()}
            self.loaded[key] = archs
        return self.loaded[key]

    def specification(self, node, model):
        """What the client asks for to show a view of a model."""
        spec = {node.get(name): {} for name in CALENDAR_FIELDS if node.get(name)}
        for field in fields_of(node):
            name = field.get("name")
            definition = self.env[model]._fields.get(name)
            if definition is None:
                raise KeyError(f"{name} is no field of {model}")
            if definition.type in ("one2many", "many2many") and field.get("invisible") != "True":
                below = {"display_name": {}}
                for view in field:
                    if view.tag in ("list", "kanban"):
                        below |= self.specification(view, definition.comodel_name)
                spec[name] = {"fields": {**spec.get(name, {}).get("fields", {}), **below}}
            elif definition.type == "many2one":
                spec[name] = {"fields": {"display_name": {}}}
            else:
                spec.setdefault(name, {})
        return spec

    def show(self, model, arch, domain=(), context=None, limit=MANY):
        """Read the records that a view shows; return their values."""
        records = self.env[model].with_context(**(context or {}))
        spec = self.specification(arch, model)
        if limit == MANY:
            domain = [*domain, ("id", "in", self.choose(model))]
            # what choosing has read as superuser, a client would not know
            self.env.invalidate_all()
        answer = records.web_search_read([*domain], spec, limit=limit)
        self.book.records += len(answer["records"])
        return answer["records"]

    def choose(self, model):
        """Records that differ in what buttons and columns go by: states, kinds, and what is set."""
        scope = [("id", "in", self.scope[model])] if model in self.scope else []
        # kinds too, as in their own list
        shown = self.env[model].with_context(with_recurrence_templates=True)
        records = shown.search(scope, limit=500).with_env(self.env)
        names = [
            name
            for name, field in self.env[model]._fields.items()
            if field.type in ("selection", "boolean", "many2one", "one2many")
            and (field.store or field.related or field.type == "one2many")
            and (field._module == ADDON or name in ("state", "type", "move_type"))
        ]
        seen, known, chosen = Counter(), set(), defaultdict(list)
        for record in records.sudo():
            key = tuple(
                bool(record[name]) if record._fields[name].relational else record[name]
                for name in names
            )
            values = set(zip(names, key, strict=True))
            turn = 0 if values - known else seen[key] + 1
            known |= values
            seen[key] += 1
            chosen[turn].append(record.id)
        # first what shows a value no other has shown, then one of each sort, then a second one
        return [found for turn in range(ALIKE + 1) for found in chosen[turn]][:MANY]

    # === OPENING === #

    def open(self, model, view_id, kind, arch, domain=(), context=None, own=None, limit=MANY):
        """Show a view with what it shows, in every grouping it asks for.

        :param own: names of the filters to apply; None: all
        """
        where = f"{kind} view {view_id} of {model}"
        records = self.env[model].with_context(**(context or {}))
        if kind == "search":
            return self.open_search(model, arch, where, own)
        if kind in ("pivot", "graph"):
            rows = [
                ":".join(filter(None, (f.get("name"), f.get("interval"))))
                for f in arch.iter("field")
                if f.get("type") in ("row", "col")
            ]
            figures = [f.get("name") for f in arch.iter("field") if f.get("type") == "measure"]
            totals = ["__count", *(f"{name}:sum" for name in figures)]
            return self.attempt(where, records.formatted_read_group, list(domain), rows, totals)
        if kind == "activity":
            activity = self.env["mail.activity"]
            self.attempt(where, activity.get_activity_data, model, list(domain))
        rows = self.attempt(where, self.show, model, arch, domain, context, limit) or []
        grouping = arch.get("default_group_by")
        if grouping:
            self.attempt(where, records.web_read_group, list(domain), [grouping])
        return rows

    def open_search(self, model, arch, where, own=None):
        """Apply every filter, grouping and searched field of a search view."""
        records = self.env[model]
        for node in arch.iter("filter", "field"):
            if own is not None and node.get("name") not in own:
                continue
            self.book.filters += 1
            place = f"{where}: {node.get('name')}"
            if node.tag == "field" and node.getparent().tag == "searchpanel":
                multi = node.get("select") == "multi"
                search = getattr(records, f"search_panel_select_{'multi_' * multi}range")
                self.attempt(place, search, node.get("name"))
            elif node.tag == "field":
                self.attempt(place, self.search_field, records, node)
            elif node.get("domain"):
                self.attempt(place, lambda n=node: records.search(self.evaluate(n.get("domain"))))
            elif node.get("date"):
                self.attempt(place, records.search, [(node.get("date"), ">=", "2026-01-01")])
            grouping = self.evaluate(node.get("context") or "{}").get("group_by")
            if grouping:
                kind = records._fields[grouping.split(":")[0]].type
                if kind in ("date", "datetime") and ":" not in grouping:
                    grouping += ":month"
                self.attempt(place, records.web_read_group, [], [grouping])

    def search_field(self, records, node):
        if node.get("filter_domain"):
            return records.search(self.evaluate(node.get("filter_domain"), {"self": "1"}))
        kind = records._fields[node.get("name")].type
        exact = {"date": "2026-01-01", "datetime": "2026-01-01", "boolean": True, "selection": "x"}
        operator = node.get("operator") or ("=" if kind in exact else "ilike")
        return records.search([(node.get("name"), operator, exact.get(kind, "1"))])

    def evaluate(self, expression, values=None):
        """What an expression of a view or an action means to the client."""
        context = dict(self.env.context)
        names = {
            "context": context,
            "current_date": str(datetime.date.today()),
            "today": str(datetime.date.today()),
            "now": str(datetime.datetime.now()),
            "context_today": datetime.date.today,
            "datetime": safe_datetime,
            "relativedelta": relativedelta,
            "time": safe_time,
            "current_company_id": self.company.id,
            **context,
            **(values or {}),
        }
        return safe_eval(expression, names)


def fields_of(node):
    """The fields of a view itself, not of the views in its fields."""
    depth = depth_of(node) + (node.tag == "field")
    return [field for field in node.iter("field") if field is not node and depth_of(field) == depth]


def depth_of(node):
    return sum(1 for _field in node.iterancestors("field"))


def values_of(row):
    """A record's values as expressions of views compare them."""
    result = {}
    for name, value in row.items():
        if isinstance(value, dict):
            value = value.get("id", False)
        elif isinstance(value, list | tuple):
            value = [found["id"] if isinstance(found, dict) else found for found in value]
        elif isinstance(value, datetime.date):
            value = str(value)
        result[name] = value
    return result
