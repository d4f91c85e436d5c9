"""The terms to translate: exported from a database with the addon, merged into the languages."""

from . import databases
from .console import say, step
from .environment import prepare
from .locations import CHECKOUT
from .settings import ADDON

FOLDER = CHECKOUT / "i18n"
TEMPLATE = FOLDER / f"{ADDON}.pot"
# Odoo follows the link below this folder back into the checkout and finds every term again.
STATE_MARK = "/.dev/"
CLEAN = """
import sys, polib
template = polib.pofile(sys.argv[1])
for entry in list(template):
    entry.occurrences = [place for place in entry.occurrences if sys.argv[2] not in place[0]]
    if not entry.occurrences:
        template.remove(entry)
template.save()
for path in sys.argv[3:]:
    language = polib.pofile(path)
    language.merge(template)
    for entry in language.obsolete_entries():
        language.remove(entry)
    language.save()
    print(f"{path}: {language.percent_translated()} % translated")
"""


def translations():
    """Export the terms and bring every language's file up to date with them."""
    environment = prepare()
    template = databases.addon_template(environment)
    step("Exporting the terms")
    with databases.temporary_copy(environment, template, "terms") as database:
        options = ["i18n", "export", "-d", database, "-l", "pot", "-o", TEMPLATE, ADDON]
        environment.run(environment.odoo_command(*options), capture_output=True)
    languages = sorted(FOLDER.glob("*.po"))
    command = [environment.python, "-c", CLEAN, TEMPLATE, STATE_MARK, *languages]
    say(environment.run(command, capture_output=True, text=True).stdout)
