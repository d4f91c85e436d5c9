"""Which invoices of a customer become one, and what stands at the head of that one."""

# What each of them has for itself: its lines, and the date of a recurrence that it bills.
OWN_VALUES = {
    "invoice_line_ids",
    "line_ids",
    "recurrence_occurrence_id",
    "recurrence_schedule_id",
}
# Texts that stand beside each other on one invoice, and what stands between them.
JOINED_TEXTS = {"ref": ", ", "invoice_origin": ", ", "narration": ""}
# Many records: one invoice has those of all.
JOINED_RECORDS = {"tag_ids"}


def find_differences(head, other):
    """Return the names of values that keep two invoices apart, sorted.

    Whatever another addon puts at the head of an invoice keeps them apart too where it differs.

    :param dict head: values of one invoice
    :param dict other: values of the other one
    """
    ignored = OWN_VALUES | JOINED_TEXTS.keys() | JOINED_RECORDS
    names = (head.keys() | other.keys()) - ignored
    return sorted(name for name in names if (head.get(name) or None) != (other.get(name) or None))


def join_texts(texts, separator):
    """Return texts as one, each of them once and in their order; None where there is none.

    >>> join_texts(["PO 7", None, "PO 9", "PO 7"], ", ")
    'PO 7, PO 9'
    """
    known = list(dict.fromkeys(str(text) for text in texts if text))
    return separator.join(known) or None


def gather(rows, get_key, is_alike):
    """Return rows in groups, in the order of the first row of each.

    :param rows: list of (owner, row); of one owner there is at most one row in a group
    :param get_key: function of a row; rows with different keys, or with None, stay apart
    :param is_alike: function of two rows with the same key: whether they may be in one group
    :return: list of lists of rows
    """
    groups, by_key = [], {}
    for owner, row in rows:
        key = get_key(row)
        found = None
        for owners, group in by_key.get(key, ()) if key is not None else ():
            if owner not in owners and is_alike(group[0], row):
                found = owners, group
                break
        if found is None:
            found = set(), []
            groups.append(found[1])
            by_key.setdefault(key, []).append(found)
        found[0].add(owner)
        found[1].append(row)
    return groups
