"""No key of a form stands for two of its buttons, read from the views as the client gets them."""

import re
from itertools import combinations, product

from lxml import etree

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open
from odoo.tools.safe_eval import safe_eval

ADDON = "account_recurrence_dunning"
# What Odoo's client gives keys to around each form, and around each dialog.
AROUND_FORMS = (
    "web/static/src/views/form/form_controller.xml",
    "web/static/src/views/form/form_status_indicator/form_status_indicator.xml",
    "web/static/src/search/action_menus/action_menus.xml",
    "web/static/src/search/cog_menu/cog_menu.xml",
    "web/static/src/core/pager/pager.xml",
)
# What it gives keys with Shift to, in each screen.
AROUND_SCREENS = (
    "web/static/src/webclient/switch_company_menu/switch_company_menu.xml",
    "web/static/src/search/search_bar_menu/search_bar_menu.xml",
    "mail/static/src/chatter/web/chatter.xml",
)
KEY = re.compile(r"""data-hotkey="(?:props\.withAccessKey \? ')?(\w)\b""")
SHIFT_KEY = re.compile(r'data-hotkey="(shift\+\w)"')
NAME = re.compile(r"[a-z_][\w.]*")
TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")
WORDS = {"and", "or", "not", "in", "is", "True", "False", "None"}
# More values than that are not tried out.
MOST = 50000


def read_keys(path, pattern=KEY):
    """Return the keys that a template of Odoo's client uses."""
    with file_open(path) as file:
        return set(pattern.findall(file.read()))


def get_hidden(node):
    """Return the expressions each of which hides a node: its own and those of what holds it."""
    nodes = [node, *node.iterancestors()]
    return [found.get("invisible") for found in nodes if found.get("invisible")]


def can_show_both(*nodes):
    """Whether two buttons can be visible at once, by trying values of what their views ask."""
    hidden = [expression for node in nodes for expression in get_hidden(node)]
    text = " ".join(hidden)
    texts = {"".join(found) for found in TEXT.findall(text)}
    names = {name for name in NAME.findall(TEXT.sub("", text)) if name not in WORDS}
    names = sorted(name for name in names if not name.isdigit())
    values = [False, True, 1, *sorted(texts)]
    if len(values) ** len(names) > MOST:
        values = [False, *sorted(texts)] if len(names) < 8 else [False, True]
    for found in product(values, repeat=len(names)):
        known = dict(zip(names, found, strict=True))
        try:
            if not any(safe_eval(expression, known) for expression in hidden):
                return True
        except (TypeError, ValueError):
            continue  # a value of another kind
    return False


@tagged("post_install", "-at_install")
class TestHotkeys(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        views = cls.env["ir.ui.view"].search([("type", "=", "form")])
        own = views.filtered(lambda view: (view.xml_id or "").startswith(f"{ADDON}."))
        cls.own = [(view, etree.fromstring(view.arch)) for view in own]
        cls.own_keys = {key for _view, arch in cls.own for key in cls.read_buttons(arch)}
        forms = own | own.inherit_id
        cls.forms = [
            (view, etree.fromstring(view.get_combined_arch()))
            for view in forms.filtered(lambda view: view.mode == "primary")
        ]

    @staticmethod
    def read_buttons(arch):
        """Return the buttons of a form by their key, without those of lists within it."""
        found = {}
        for node in arch.xpath("//button[@data-hotkey][not(ancestor::field)]"):
            found.setdefault(node.get("data-hotkey"), []).append(node)
        return found

    def test_the_keys_are_read(self):
        self.assertGreater(len(self.forms), 40)
        self.assertIn("q", self.own_keys)
        self.assertTrue(can_show_both(etree.fromstring("<a/>"), etree.fromstring("<b/>")))
        done = etree.fromstring("<button invisible=\"state == 'done'\"/>")
        self.assertFalse(
            can_show_both(done, etree.fromstring("<button invisible=\"state != 'done'\"/>"))
        )

    def test_no_two_buttons_share_a_key(self):
        for view, arch in self.forms:
            for key, nodes in self.read_buttons(arch).items():
                if key not in self.own_keys:
                    continue
                for pair in combinations(nodes, 2):
                    names = [node.get("name") or node.get("special") for node in pair]
                    told = " ".join([view.model, *filter(None, names)])
                    if "dunning" not in told and "recurrence" not in told:
                        continue  # both are Odoo's own
                    with self.subTest(f"{view.xml_id}, {key}: {names}"):
                        self.assertFalse(can_show_both(*pair))

    def test_no_button_takes_a_key_of_the_client(self):
        taken = set().union(*map(read_keys, AROUND_FORMS))
        self.assertLessEqual({"c", "s", "j", "n", "p"}, taken)
        for view, arch in self.own:
            for key, nodes in self.read_buttons(arch).items():
                # closing a dialog is the client's own way, with the client's own key
                nodes = [node for node in nodes if not node.get("special")]
                with self.subTest(f"{view.xml_id}, {key}"):
                    self.assertFalse(key in taken and nodes)

    def test_no_button_takes_a_key_with_shift_of_the_client(self):
        """A form without a chatter may use the keys of one."""
        switch, search, chatter = (read_keys(path, SHIFT_KEY) for path in AROUND_SCREENS)
        self.assertLessEqual({"shift+u", "shift+q", "shift+m"}, switch | search | chatter)
        for view, arch in self.forms:
            taken = switch | search | (chatter if arch.xpath("//chatter") else set())
            for key in taken.intersection(self.read_buttons(arch), self.own_keys):
                with self.subTest(f"{view.xml_id}, {key}"):
                    self.fail("the client's own key")
