{
    "name": "Recurrences & Dunning",
    "summary": "Recurring interactions, recurring invoices and payment reminders",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "LGPL-3",
    "author": "Recurrences & Dunning contributors",
    "application": True,
    "depends": ["account", "account_payment", "calendar"],
    "external_dependencies": {"python": ["python-dateutil"]},
    "data": [
        # groups first: access rows and views name them
        "security/dunning_groups.xml",
        "security/ir.model.access.csv",
        "security/recurrence_security.xml",
        "security/dunning_security.xml",
        "views/menus.xml",
    ],
    "demo": [],
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
