"""What the figures of the overview are called, and what each means.

The one source: the overview shows both, docs/figures.md repeats them with examples worked out by
hand, and a test compares. No number before what it counts.
"""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

TITLES = {
    "receivables": _lt("Receivables"),
    "overdue": _lt("Overdue"),
    "dso": _lt("DSO, simple"),
    "count_back": _lt("DSO, by latest sales"),
    "collected": _lt("Collected after a reminder"),
    "undelivered": _lt("Not delivered"),
    "ages": _lt("Ageing"),
    "cash": _lt("Expected cash per week"),
    "debtors": _lt("Top debtors"),
    "levels": _lt("Levels and what they achieve"),
    "disputes": _lt("Open disputes by reason"),
    "days": _lt("Expected and produced"),
    "trials": _lt("Control groups"),
}
DEFINITIONS = {
    "receivables": _lt(
        "What customers owe by the books at the end of the day, less the credits and payments that "
        "are not matched with an item yet. Other currencies at the rates they were booked with."
    ),
    "overdue": _lt(
        "Open items whose due date is over, and their share of all open items. Credits are not "
        "taken off."
    ),
    "dso": _lt(
        "Days sales outstanding: receivables, divided by the sales of the last 90 days, times 90. "
        "Sales are invoices less credit notes, taxes included."
    ),
    "count_back": _lt(
        "How many days of the latest sales customers still owe: what they owe is as much as was "
        "sold in so many days up to now. The sales of each month are taken off the receivables, "
        "the latest month first; a month used up counts with all its days, the last one in "
        "proportion. Known as the count-back method; unlike the simple DSO it does not rise and "
        "fall with the season."
    ),
    "collected": _lt(
        "Payments since the first of the month of items for which a reminder had been sent by the "
        "day of payment. The share is that of all payments of customers' items in the same time. "
        "Credit notes and write-offs do not count."
    ),
    "undelivered": _lt(
        "Reminders and statements that could not be sent or came back, and wait for somebody to "
        "deal with them. Always as of now."
    ),
    "ages": _lt(
        "Open items by the days since their due date: in each currency, and together in the "
        "company's. Credits and payments that are not matched with an item stand beside them."
    ),
    "cash": _lt(
        "Promised: what customers promised, instalments of payment plans too, at most what they "
        "have open. As usual: the other open items, on their due date plus the days the customer "
        "was late on average in the last 12 months; new customers as all are on average. Planned "
        "invoices: recurring invoices to come, by their payment terms and the same days. In no "
        "week stands what is disputed, of some items a part, and what is open for longer than "
        "the customer usually takes."
    ),
    "debtors": _lt(
        "Customers with the largest overdue amounts, in the company's currency. Credits are not "
        "taken off."
    ),
    "levels": _lt(
        "Items that got a level in the 90 days that ended 7 days ago, so that each had 7 days to "
        "be paid. Paid within 7 days: paid in full, and before the next level; as a share of the "
        "amount. Days until paid: the middle one of all that were paid before the next level. "
        "Items whose invoice was reversed are left out."
    ),
    "disputes": _lt(
        "Disputes that were not settled on the day, and what is disputed, in the company's "
        "currency at the rate of the day they were raised on."
    ),
    "days": _lt(
        "The last 30 days: runs by the run times of programs, messages of automatic programs and "
        "recurring invoices that nobody has to confirm. What is expected of a day is noted on the "
        "day before, as if nobody paid. Far less: no run at all, or less than half of 5 or more "
        "messages or invoices; who answers for them is told."
    ),
    "trials": _lt(
        "Customers who were drawn when it was the level's turn for them: who got it, beside who "
        "was left without it. Paid: all items it was due for on that day, in full, by those who "
        "had the 7 or 30 days for it. The difference in percentage points stands with the range "
        "that holds the true one in 95 of 100 trials. Below 5 expected customers in a cell it is "
        "too few to tell."
    ),
}
PAID_WITHIN = {
    "soon": _lt("Paid within 7 days"),
    "later": _lt("Paid within 30 days"),
}
# Whether the difference of a control group is more than chance.
VERDICTS = {
    "few": _lt("%(within)s: too few customers to tell."),
    "unclear": _lt(
        "%(within)s: the difference (percentage points: %(points)s, range %(low)s to %(high)s) may "
        "be chance."
    ),
    "more": _lt(
        "%(within)s: more with the level (percentage points: %(points)s, range %(low)s to "
        "%(high)s)."
    ),
    "fewer": _lt(
        "%(within)s: fewer with the level (percentage points: %(points)s, range %(low)s to "
        "%(high)s)."
    ),
}
# How a day went; the daily job notes it.
DAY_STATES = {
    "good": _lt("As expected"),
    "less": _lt("Less than expected"),
    "alarm": _lt("Far less than expected"),
    "missing": _lt("The daily job did not run"),
    "open": _lt("Today, so far"),
    "unknown": _lt("Not known"),
}
AGES = {
    "age_0": _lt("Not due"),
    "age_30": _lt("1–30 days"),
    "age_60": _lt("31–60 days"),
    "age_90": _lt("61–90 days"),
    "age_over": _lt("Over 90 days"),
}
SERIES = {
    "promised": _lt("Promised"),
    "usual": _lt("As usual"),
    "planned": _lt("Planned invoices"),
}
# What stands in no week.
RESTS = {
    "overstayed": _lt("Later than usual"),
    "disputed": _lt("Disputed"),
    "later": _lt("After these weeks"),
}
