"""Text for the cells of a spreadsheet: nothing that one would take for a formula."""

import re

# Full-width signs are taken for their plain ones by some programs.
SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BREAKS = ("\t", "\r", "\n")
NUMBER = re.compile(r"-?\d+(?:[.,' \u00a0\u202f]\d+)*")
MARK = "'"


def harmless(cell):
    """Return a cell that no spreadsheet runs: a text that begins like a formula gets a mark.

    Numbers stay what they are, negative ones too.

    >>> [harmless(cell) for cell in ("=1+1", "+A1", "-A1", "@SUM(A1)", "\\t=1", " =1", "'=1")]
    ["'=1+1", "'+A1", "'-A1", "'@SUM(A1)", "'\\t=1", "' =1", "'=1"]
    >>> [harmless(cell) for cell in ("-12.50", "-1 234,50", -12.5, "INV/7", "", None, False)]
    ['-12.50', '-1 234,50', -12.5, 'INV/7', '', None, False]
    """
    if not isinstance(cell, str) or NUMBER.fullmatch(cell):
        return cell
    if cell.startswith(BREAKS) or cell.lstrip().startswith(SIGNS):
        return MARK + cell
    return cell


def plain(cell):
    """Return the text of a cell that ``harmless`` wrote.

    >>> plain("'=1+1"), plain("'hello"), plain("INV/7")
    ('=1+1', "'hello", 'INV/7')
    """
    bare = cell.removeprefix(MARK)
    return bare if harmless(bare) == cell else cell
