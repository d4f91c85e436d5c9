{
    "name": "Extension of Recurrences and Dunning",
    "summary": "Each door for other addons, used once; installed in a test database only",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Recurrences & Dunning contributors",
    "category": "Hidden/Tests",
    "depends": [
        "account_recurrence_dunning",
        # what Odoo's localisations add to documents is tested here too
        "account_qr_code_sepa",
        "l10n_ch",
        "l10n_din5008",
    ],
    "data": ["security/recurrence_security.xml", "views/dunning_run_line_views.xml"],
}
