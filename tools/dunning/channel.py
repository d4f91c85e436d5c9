"""The ways a message of dunning takes to the customer."""

# With these an e-mail is written, with those a letter is printed.
MAIL_CHANNELS = ("email", "email_letter")
LETTER_CHANNELS = ("letter", "email_letter")
