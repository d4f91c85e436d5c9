"""The terms to translate: exported from a database with the addon, merged into the languages."""

import polib

from . import databases
from .console import say, step
from .environment import prepare
from .locations import CHECKOUT
from .settings import ADDON

FOLDER = CHECKOUT / "i18n"
TEMPLATE = FOLDER / f"{ADDON}.pot"
# Odoo follows the link below .dev back into the checkout and finds every term again; what is only
# for the tests is not the addon's.
OTHER_PLACES = ("/.dev/", "/dev/")


def translations():
    """Export the terms and bring every language's file up to date with them."""
    environment = prepare()
    template = databases.addon_template(environment)
    step("Exporting the terms")
    with databases.temporary_copy(environment, template, "terms") as database:
        options = ["i18n", "export", "-d", database, "-l", "pot", "-o", TEMPLATE, ADDON]
        environment.run(environment.odoo_command(*options), capture_output=True)
    terms = polib.pofile(str(TEMPLATE))
    for entry in list(terms):
        entry.occurrences = [
            place
            for place in entry.occurrences
            if not any(other in place[0] for other in OTHER_PLACES)
        ]
        if not entry.occurrences:
            terms.remove(entry)
    terms.save()
    for path in sorted(FOLDER.glob("*.po")):
        language = polib.pofile(str(path))
        language.merge(terms)
        for entry in language.obsolete_entries():
            language.remove(entry)
        language.save()
        say(f"{path}: {language.percent_translated()} % translated")
