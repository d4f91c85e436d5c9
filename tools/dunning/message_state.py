"""States of a reminder that are asked for together; ``dunning.reminder`` names them all."""

# Made, but not out of the house.
PREPARED = ("draft", "queued")
# Did not reach the customer: stays under Not Delivered until a person acts.
UNDELIVERED = ("failed", "undeliverable")
# All that did not leave, whatever comes of it.
NOT_SENT = (*PREPARED, *UNDELIVERED)
