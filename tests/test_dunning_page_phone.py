from datetime import timedelta

from odoo.tests import tagged

from .link_case import LinkTodayCase
from .mail_page import MEASURE

# What keeps somebody from using a page without a mouse, or without seeing it.
LOOK = """
const found = %s;
const named = (element) => element.labels.length || element.getAttribute("aria-label");
const faults = [];
if (found.scroll > found.width) faults.push(`scrolls sideways: ${found.scroll}`);
if (found.outside.length) faults.push(`sticks out: ${found.outside.join(" ")}`);
if (found.contrast[0] < 4.5) faults.push(`contrast ${found.contrast}`);
for (const element of document.querySelectorAll("main input, main select, main textarea")) {
    if (element.type !== "hidden" && !named(element)) faults.push(`no label: ${element.name}`);
}
for (const element of document.querySelectorAll("main a, main button")) {
    const text = element.getAttribute("aria-label") || element.textContent.trim();
    if (!text) faults.push(`no name: ${element.outerHTML}`);
    if (element.tabIndex < 0) faults.push(`not reached by keyboard: ${text}`);
}
for (const image of document.querySelectorAll("main img")) {
    if (!image.alt) faults.push(`no text: ${image.src.slice(0, 80)}`);
}
for (const element of document.querySelectorAll("main .btn, main .list-group-item")) {
    const height = element.getBoundingClientRect().height;
    if (height < 40) faults.push(`too small for a finger: ${element.textContent.trim()}`);
}
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
for (const id of new Set(ids)) {
    if (ids.filter((other) => other === id).length > 1) faults.push(`twice: ${id}`);
}
if (document.querySelectorAll("main h1").length !== 1) faults.push("not one heading");
if (!document.documentElement.lang) faults.push("no language");
if (faults.length) console.error(faults.join("\\n"));
else console.log("test successful");
"""


@tagged("post_install", "-at_install")
class TestDunningPagePhone(LinkTodayCase):
    """C5: the customer's page on a phone, and with twice the letters; no clock stops there."""

    browser_size = "390x844"

    def test_c5_promise_on_a_phone(self):
        url = self.reminder._get_page_url()
        self.start_tour(f"/dunning/{url.rpartition('/')[2]}", "dunning_page_tour")
        self.assertEqual(self.answers().day, self.today + timedelta(14))
        self.assertIn(self.get_line(self.late), self.answers().move_line_ids)
        self.assertIn("Payment promised by", self.url_open(url).text)

    def test_c5_every_page_on_a_phone(self):
        self.look_at_all()

    def test_c5_every_page_at_twice_the_size(self):
        # 640 pixels at 200 %
        self.browser_size = "320x640"
        self.look_at_all()

    def look_at_all(self):
        url = f"/dunning/{self.reminder._get_page_url().rpartition('/')[2]}"
        kinds = ("promise", "dispute", "paid", "contact", "plan")
        for path in (url, *(f"{url}/answer/{kind}" for kind in kinds), f"{url}x"):
            with self.subTest(path=path.replace(url, "")):
                self.browser_js(path, LOOK % MEASURE.strip())


@tagged("post_install", "-at_install")
class TestDunningAnswerTour(LinkTodayCase):
    """C5: what a customer answered, on the screen of the clerk."""

    def test_c5_a_clerk_decides_on_an_answer(self):
        typed = {"reason": "defective", "text": "The <b>box</b> is broken"}
        url = f"/dunning/{self.get_token()}/answer/dispute"
        form = self.url_open(url).text
        csrf = form.split('name="csrf_token" value="')[1].split('"')[0]
        values = {"items": self.get_line(self.late).id, "csrf_token": csrf, **typed}
        self.assertEqual(self.url_open(url, data=values).status_code, 200)
        clerk = self.create_user("answer_clerk", "dunning_group_user")
        action = self.env.ref("account_recurrence_dunning.dunning_answer_action")
        self.start_tour(f"/odoo/action-{action.id}", "dunning_answer_tour", login=clerk.login)
        self.assertEqual(self.answers().state, "declined")
        self.assertFalse(self.answers().activity_ids)
