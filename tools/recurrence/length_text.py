"""How often something repeats and how long it lasts, read from the words people write in a table.

>>> read_rhythm("quarterly"), read_rhythm("alle 2 Wochen"), read_rhythm("tous les mois")
(('months', 3), ('weeks', 2), ('months', 1))
>>> read_length("24 months"), read_length("1 an"), read_length("24")
(('months', 24), ('years', 1), None)
"""

from __future__ import annotations

import re

from ..common.table_file import simplify

# In English, German, French and Romanian, as ``simplify`` writes them.
UNITS = {
    ("days", 1): "d day days tag tage tagen jour jours zi zile",
    ("weeks", 1): "w week weeks woche wochen semaine semaines saptamana saptamani",
    ("months", 1): "m month months monat monate monaten mois luna luni",
    ("months", 3): "quarter quarters quartal quartale quartalen trimestre trimestres trimestru "
    "trimestre vierteljahr vierteljahre",
    ("months", 6): "halfyear halfyears halbjahr halbjahre semestre semestres semestru",
    ("years", 1): "y year years jahr jahre jahren an ans annee annees ani",
}
RHYTHMS = {
    ("days", 1): "daily taglich quotidien quotidienne journalier journaliere zilnic",
    ("weeks", 1): "weekly wochentlich hebdomadaire saptamanal",
    ("weeks", 2): "fortnightly vierzehntagig vierzehntaglich",
    ("months", 1): "monthly monatlich mensuel mensuelle lunar",
    ("months", 3): "quarterly vierteljahrlich quartalsweise trimestriel trimestrielle trimestrial",
    ("months", 6): "halfyearly semiannual semiannually halbjahrlich semestriel semestrielle "
    "semestrial",
    ("years", 1): "yearly annual annually jahrlich annuel annuelle anual",
}
FILLERS = frozenset(
    "every each per a alle jede jeden jedes pro je im tous toutes les le par chaque la fiecare pe "
    "de".split()
)
MOST = 999
LONGEST = 60  # characters

BY_WORD = {word: unit for unit, words in UNITS.items() for word in words.split()}
RHYTHM_BY_WORD = {word: unit for unit, words in RHYTHMS.items() for word in words.split()}


def read_rhythm(text: str) -> tuple[str, int] | None:
    """Return how often something repeats, as unit and number; None: the text says it not.

    >>> read_rhythm("every 3 months"), read_rhythm("half-yearly"), read_rhythm("jährlich")
    (('months', 3), ('months', 6), ('years', 1))
    >>> read_rhythm("3 monthly"), read_rhythm("often"), read_rhythm("0 months"), read_rhythm("")
    (None, None, None, None)
    """
    number, word = _split(text)
    if number is None and word in RHYTHM_BY_WORD:
        return RHYTHM_BY_WORD[word]
    return _multiply(word, 1 if number is None else number)


def read_length(text: str) -> tuple[str, int] | None:
    """Return a length of time as unit and number; None: the text says none.

    >>> read_length("3 Monate"), read_length("2 quarters"), read_length("14 d")
    (('months', 3), ('months', 6), ('days', 14))
    >>> read_length("monthly"), read_length("-1 month"), read_length("1.5 years")
    (None, None, None)
    """
    number, word = _split(text)
    return None if number is None else _multiply(word, number)


def _split(text: str) -> tuple[int | None, str]:
    """The number in a text, or None, and its other words as one; no word: it cannot be read."""
    text = " ".join(text.split())
    # parts that may all match the same signs take for ever on a long text
    match = len(text) <= LONGEST and re.fullmatch(
        r"([^\d+.,-]*)(\d{1,4})?([^\d.,]*)", text, re.ASCII
    )
    if not match:
        return None, ""
    words = re.split(r"[\s-]+", f"{match[1]} {match[3]}")
    word = "".join(simplify(word) for word in words if simplify(word) not in FILLERS)
    return match[2] and int(match[2]), word


def _multiply(word: str, number: int) -> tuple[str, int] | None:
    if word not in BY_WORD:
        return None
    unit, times = BY_WORD[word]
    return (unit, times * number) if 0 < times * number <= MOST else None
