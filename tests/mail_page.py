"""A message looked at in a browser, as a phone or a mail program shows it."""

import json
from base64 import b64decode

from odoo.tests.common import ChromeBrowser

# The width of the page, what sticks out of the screen, and the lowest contrast of a text.
MEASURE = """
(() => {
  const width = window.innerWidth;
  const outside = [...document.body.querySelectorAll("*")].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width && (box.right > width + 1 || box.left < -1);
  });
  const channel = value => {
    value /= 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = element => {
    for (let found = element; found; found = found.parentElement) {
      const color = parse(getComputedStyle(found).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  let contrast = [99, ""];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    const element = texts.currentNode.parentElement;
    if (!text || !element.getClientRects().length) continue;
    const values = [light(parse(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(...values) + 0.05) / (Math.min(...values) + 0.05);
    if (ratio < contrast[0]) contrast = [ratio, text];
  }
  return {
    width,
    scroll: document.documentElement.scrollWidth,
    outside: outside.map(element => element.outerHTML.slice(0, 120)),
    contrast,
  };
})()
"""
# Where a text stands: (left, top, right, bottom) of the innermost element that holds it.
FIND = """
((text) => {
  const holds = element => element.textContent.replace(/\\s+/g, " ").includes(text);
  const found = [...document.body.querySelectorAll("*")].find(
    element => holds(element) && ![...element.children].some(holds)
  );
  if (!found) return null;
  const range = document.createRange();
  range.selectNodeContents(found);
  const box = range.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom];
})
"""


class MailPage:
    """One tab of a browser; end it with ``close``."""

    def __init__(self, test_case):
        self.browser = ChromeBrowser(test_case)
        self.browser.navigate_to("about:blank")

    def close(self):
        self.browser.stop()

    def _request(self, method, **params):
        return self.browser._websocket_request(method, params=params)

    def evaluate(self, code, wait=False):
        """Return what a script gives.

        :param wait: it is a promise of it
        """
        result = self._request(
            "Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=wait
        )
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"])
        return result["result"].get("value")

    def show(self, html, width, dark=False):
        """Show a document on a screen so many pixels wide."""
        self._request(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._request("Emulation.setEmulatedMedia", features=[scheme])
        self.evaluate(f"document.open(); document.write({json.dumps(html)}); document.close(); 0")

    def measure(self):
        return self.evaluate(MEASURE)

    def find(self, text):
        """Return where a text stands, or None; non-breaking spaces count as spaces."""
        return self.evaluate(f"{FIND}({json.dumps(' '.join(text.split()))})")

    def save(self, path):
        """Save a picture of the whole page, for a person to look at."""
        shot = self._request("Page.captureScreenshot", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(b64decode(shot["data"]))
