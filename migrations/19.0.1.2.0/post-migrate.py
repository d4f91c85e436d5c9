"""Shipped texts that nobody edited get their new words; edited ones stay as they are.

A text counts as edited where it differs, in any language, from all that was ever shipped.
"""

import hashlib
import html
import re

from odoo import SUPERUSER_ID, api

MODULE = "account_recurrence_dunning"
# Of each text, the digests of its words in all versions and languages before this one.
SHIPPED = {
    "mail_template_friendly_1": (
        "2a30c6e54342d6c4",
        "38da630c12d7ac4e",
        "53dce3b3b087bc18",
        "695544da1cf97fa9",
        "785ee31c118c551f",
        "c43b56cbbe677c40",
        "f6a65fef4ee018be",
        "fcbd46f827efebfd",
    ),
    "mail_template_friendly_2": (
        "52a644b200b9aba2",
        "69dd104fb5306b62",
        "70823a5026f96cee",
        "74910a9c5edd1d62",
        "7e02a157eb67e9ab",
        "a2898926cd1f1f88",
        "bc061a80976b945e",
        "c5762774fec0887a",
    ),
    "mail_template_level_1": (
        "29d6327dbcfd80ee",
        "382c459cd51b1054",
        "5372d717163032af",
        "6796efde1ee80f29",
        "69e1c9c418532bac",
        "a45e7d0ed196c466",
        "af47e95580ba3feb",
        "b26442602636f86a",
        "ead07f9a5925cc67",
    ),
    "mail_template_level_2": (
        "0f790bf5d9e97f82",
        "15ec0693beade34c",
        "218de9b54aeac116",
        "5065c00ccef3f0c4",
        "5071aa86a3d0eae1",
        "63b89e6a806c1f95",
        "7613dc62166faf7d",
        "89efbff17ed0d9aa",
        "ca1c10e98dca4e21",
    ),
    "mail_template_level_3": (
        "0189e443bbcd1980",
        "1f61762a934b8fe9",
        "257761c1728ec387",
        "30a59372f832c868",
        "8b5332f30a351631",
        "a19f62290822dd41",
        "b4cabe4b808cd665",
        "dde9f27e5943f086",
        "e042793dbbafa0ea",
        "feaeca48ac8ef09d",
    ),
    "mail_template_notice": (
        "0f2d6e80207fc3cc",
        "216de3c62bcd1984",
        "3b3c8c9fbcf0a1d7",
        "3c8776a615aa8933",
        "5c3bee4d46c15a4b",
        "9c2deaf84cceef05",
        "ce76f714ca2d6bd2",
        "d7f2d1c9c9117b65",
        "f4b50e4600325da2",
    ),
    "mail_template_strict_1": (
        "1ccea36cc34b51d9",
        "2f8497ed1f4986fa",
        "562c8ad074389c84",
        "63b3b6c7bfa19a2a",
        "94ae59626744127b",
        "c82bf858689b9158",
        "db9196e98eca5bf6",
        "dc12dd7439983f6b",
    ),
    "mail_template_strict_3": (
        "0f29d5520653ba36",
        "1ab8a36c3d96512c",
        "6c1d9843eab5652c",
        "73f898f4813eabed",
        "acdaa7f96de87520",
        "bc67acdb3772f38f",
        "c6c2d1d8c7175d1e",
        "ec79818cd40c72e3",
    ),
}
# What Odoo's own reset would empty, and is not part of the words.
KEPT = (
    "attachment_ids",
    "auto_delete",
    "email_cc",
    "email_from",
    "email_to",
    "mail_server_id",
    "partner_to",
    "reply_to",
    "scheduled_date",
    "use_default_to",
)


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, known in SHIPPED.items():
        template = env.ref(f"{MODULE}.{name}", raise_if_not_found=False)
        if template and template.template_fs and is_unedited(template, known):
            kept = {field: template[field] for field in KEPT}
            template.reset_template()
            template.write(template._convert_to_write(kept))


def is_unedited(template, known):
    """Whether a text is in each language one that was shipped."""
    codes = [code for code, _name in template.env["res.lang"].get_installed()]
    spoken = [template.with_context(lang=code) for code in codes]
    return all(get_digest(found.subject, found.body_html) in known for found in spoken)


def get_digest(subject, body):
    """Return what tells whether a text has other words, whatever its markup."""
    text = html.unescape(re.sub(r"<[^>]*>", " ", f"{subject}\n{body}"))
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]
