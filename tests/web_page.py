"""Pages of the server looked at in one tab of a browser, by axe and by a person."""

import json
import os
import re
import time
from contextlib import contextmanager
from pathlib import Path
from unittest import SkipTest

from .common import BROWSER_STARTS, _logger
from .mail_page import MailPage

# Where the script of axe is: the commands of the developer's tools say so for each run.
AXE = os.environ.get("AXE_SCRIPT")
# Where a person wants pictures of the pages.
LOOK = os.environ.get("DUNNING_LOOK")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
RUN = """
axe.run(%s, {runOnly: %s, resultTypes: ["violations"]}).then((found) =>
  found.violations.flatMap((rule) => rule.nodes.map(
    (node) => `${rule.id}: ${node.target} ${node.html.slice(0, 160)} ${node.failureSummary}`
  ))
)
"""


class WebPage(MailPage):
    """One tab that opens pages of the server."""

    def __init__(self, test_case):
        super().__init__(test_case)
        self.test_case = test_case

    def resize(self, width, height=844):
        self._request(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def open(self, path):
        self.browser.navigate_to(self.test_case.base_url() + path, wait_stop=True)
        self.browser._wait_ready()

    def follow(self, code):
        """Do something that leads to another page, and wait for it."""
        self.evaluate("window.isOld = true")
        self.evaluate(code)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.evaluate("!window.isOld && document.readyState === 'complete'"):
                return
            time.sleep(0.05)
        raise AssertionError(f"{code} led nowhere")

    def ask_axe(self, context=None):
        """Return what keeps people out of the page, or of the part that ``context`` names.

        :param context: what axe takes: ``{"include": […], "exclude": […]}`` of selectors
        """
        # the function of a page that loads scripts as modules must not take it
        self.evaluate(f"(() => {{ const define = undefined;\n{_read_axe()}\n}})()")
        return self.evaluate(
            RUN % (json.dumps(context) if context else "document", json.dumps(TAGS)), wait=True
        )

    def look(self, name):
        """Save a picture where a person asked for it."""
        if LOOK:
            self.save(Path(LOOK) / f"{re.sub(r'[^a-z0-9_]+', '_', name)}.png")


def _read_axe():
    if not AXE:
        raise SkipTest("AXE_SCRIPT names no script of axe; `make test` fetches one")
    return Path(AXE).read_text(encoding="utf-8")


@contextmanager
def open_browser(test_case, login=None):
    """Give a tab to a test, as a visitor or who is logged in; the server answers it meanwhile."""
    _read_axe()
    page = _start(test_case)
    try:
        with test_case.allow_requests(browser=page.browser):
            test_case.authenticate(login, login, browser=page.browser)
            test_case.cr.flush()
            test_case.cr.clear()
            yield page
            test_case._wait_remaining_requests()
    finally:
        page.close()


def _start(test_case):
    """Start a browser; a busy machine may need several tries."""
    for start in range(1, BROWSER_STARTS):
        try:
            return WebPage(test_case)
        except SkipTest as reason:
            _logger.info("Browser start %s of %s: %s", start, BROWSER_STARTS, reason)
    return WebPage(test_case)
