from . import test_decisions, test_installed, test_messages, test_payment, test_recurrences
