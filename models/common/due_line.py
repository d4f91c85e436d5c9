"""What a due line is, told wherever a field is labelled so."""

DUE_LINE_HELP = (
    "What an invoice asks for on one due date: the whole invoice, or one of its instalments."
)
