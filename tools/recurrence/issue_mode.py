"""What becomes of an invoice that a recurrence issues."""

from typing import NamedTuple


class IssueMode(NamedTuple):
    """What an invoice mode does; ``recurrence.schedule._get_issue_modes`` says what each is."""

    is_asked: bool = False  # a person issues it from an activity
    is_posted: bool = True
    check: str = ""  # method of the occurrences, called before anything is made
    finish: str = ""  # method of the invoices, called when they are there
