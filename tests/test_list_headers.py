"""No list cuts the header of a column or its own title, in any language; nor does one in a form."""

import json

from odoo.tests import tagged

from .client_views import ADDON
from .common import TourCase
from .screen_world import ScreenWorld

# Opens one list after another as a menu would, and measures what is written above it.
LOOK = """
const [lists, odoos, forms, fields] = %s;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const range = document.createRange();
// half a pixel cuts a letter, and "scrollWidth" counts whole ones
const width = (node) => {
    range.selectNodeContents(node);
    return range.getBoundingClientRect().width;
};
const isCut = (node) => node.clientWidth && width(node) > node.getBoundingClientRect().width + 0.1;
// its room is shared out in parts of a pixel, which cut no letter
const isTitleCut = () => title().scrollWidth > title().clientWidth + 1;
const find = () => [...document.querySelectorAll(".o_list_table thead th .text-truncate")];
const title = () => document.querySelector(".o_last_breadcrumb_item > *");
const faults = [];
let measured = 0;
const open = async (name) => {
    const before = document.querySelector(".o_list_table");
    await odoo.__WOWL_DEBUG__.root.env.services.action.doAction(name, {
        clearBreadcrumbs: true, viewType: "list", additionalContext: {active_id: 1},
    });
    for (let turn = 0; turn < 50; turn++) {
        const table = document.querySelector(".o_list_table");
        if (table && table !== before && find().length) break;
        await sleep(100);
    }
    await sleep(150);
    for (const node of find()) {
        measured += 1;
        if (isCut(node) && !odoos.includes(name)) {
            const pixels = `${node.clientWidth} of ${Math.ceil(width(node))}`;
            faults.push(`${name}: "${node.textContent}" shows ${pixels} pixels`);
        }
    }
    if (!title()) faults.push(`${name}: no title found`);
    else if (isTitleCut()) faults.push(`${name}: its title "${title().textContent}" is cut`);
};
const measureForm = (model) => {
    for (const node of find()) {
        const field = node.closest(".o_field_widget")?.getAttribute("name");
        if (!fields.includes(field)) continue;
        inForms.add(`${model}.${field}`);
        if (isCut(node)) {
            const pixels = `${node.clientWidth} of ${Math.ceil(width(node))}`;
            faults.push(`${model}.${field}: "${node.textContent}" shows ${pixels} pixels`);
        }
    }
};
const inForms = new Set();
const openForm = async ([model, id]) => {
    const before = document.querySelector(".o_form_view");
    await odoo.__WOWL_DEBUG__.root.env.services.action.doAction(
        {type: "ir.actions.act_window", res_model: model, res_id: id, views: [[false, "form"]]},
        {clearBreadcrumbs: true}
    );
    for (let turn = 0; turn < 50; turn++) {
        const form = document.querySelector(".o_form_view");
        if (form && form !== before) break;
        await sleep(100);
    }
    await sleep(300);
    measureForm(model);
    const tabs = () => document.querySelectorAll(".o_form_view .o_notebook_headers .nav-link");
    for (let number = 0; number < tabs().length; number++) {
        tabs()[number].click();
        await sleep(150);
        measureForm(model);
    }
};
(async () => {
    for (const form of forms) await openForm(form);
    if (inForms.size < 8) faults.push(`only ${[...inForms]} found in forms`);
    for (const name of lists) await open(name);
    const [first] = find();
    first.style.maxWidth = "5px";
    if (!isCut(first)) faults.push("a header of 5 pixels is not found cut");
    if (measured < 5 * lists.length) faults.push(`only ${measured} headers`);
    if (faults.length) console.error(faults.join("\\n"));
    else console.log("test successful");
})();
"""


@tagged("post_install", "-at_install")
class TestListHeaders(ScreenWorld, TourCase):
    """Generated from the window actions of the addon, at the width of an office screen."""

    browser_size = "1440x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ro_RO")
        cls.env["ir.module.module"]._load_module_terms([ADDON], ["ro_RO"])

    def test_no_header_is_cut_in_any_language(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id"))
        names = dict(zip(data.mapped("res_id"), data.mapped("complete_name"), strict=True))
        actions = actions.filtered(lambda action: "list" in action.view_mode.split(","))
        lists = [names[action.id] for action in actions]
        self.assertGreater(len(lists), 30)
        # the columns of Odoo's own lists have the widths that Odoo gives them
        shown = {action: action.view_id for action in actions}
        odoos = [
            names[action.id]
            for action, view in shown.items()
            if view and not view.xml_id.startswith(f"{ADDON}.")
        ]
        user = self.users["administrator"]
        forms, fields = self.find_forms(user)
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        self.assertEqual(sorted(languages), ["de_DE", "en_US", "fr_FR", "ro_RO"])
        for code in languages:
            with self.subTest(code):
                user.lang = code
                self.browser_js(
                    "/odoo",
                    LOOK % json.dumps([lists, odoos, forms, fields]),
                    ready="odoo.isReady === true",
                    login=user.login,
                    timeout=240,
                )

    def find_forms(self, user):
        """Return a record of each model whose form has lists of this addon, and their fields."""
        fields, forms, own_company = set(), [], user.company_id.ids
        for name, model in self.registry.items():
            own = {
                field.name
                for field in model._fields.values()
                if field.type in ("one2many", "many2many") and field._module == ADDON
            }
            if not own or model._abstract or model._transient:
                continue
            # the record with the most to show comes first, where there are several
            # another company's record would have the page loaded anew
            found = self.env[name].with_user(user).with_context(allowed_company_ids=own_company)
            records = found.search(self.get_scope(name), limit=200)
            record = records.sorted(lambda one, own=own: -sum(bool(one[item]) for item in own))[:1]
            if record:
                forms.append([name, record.id])
                fields |= own
        return forms, sorted(fields)

    def get_scope(self, name):
        return [("id", "in", self.scope[name])] if name in self.scope else []
