"""Issue 15, section 5: no list cuts the header of a column or its own title, in any language."""

import json

from odoo.tests import tagged

from .client_views import ADDON
from .common import TourCase
from .screen_world import ScreenWorld

# Opens one list after another as a menu would, and measures what is written above it.
LOOK = """
const [lists, odoos] = %s;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const isCut = (node) => node.clientWidth && node.scrollWidth > node.clientWidth + 1;
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
            const width = `${node.clientWidth} of ${node.scrollWidth}`;
            faults.push(`${name}: "${node.textContent}" shows ${width} pixels`);
        }
    }
    if (!title()) faults.push(`${name}: no title found`);
    else if (isCut(title())) faults.push(`${name}: its title "${title().textContent}" is cut`);
};
(async () => {
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
        for code, _name in self.env["res.lang"].get_installed():
            with self.subTest(code):
                user.lang = code
                self.browser_js(
                    "/odoo",
                    LOOK % json.dumps([lists, odoos]),
                    ready="odoo.isReady === true",
                    login=user.login,
                    timeout=180,
                )
