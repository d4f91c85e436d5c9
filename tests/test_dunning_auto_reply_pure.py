"""Incoming messages as mail programs really write them: who or what wrote each."""

import doctest
import email
import sys
import unittest
from email import policy
from pathlib import Path

try:
    from odoo.addons.account_recurrence_dunning.tools.dunning import auto_reply, reply_text
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.dunning import auto_reply, reply_text

ADDRESSES = """From: Anna Muster <anna@customer.example>
To: reminders@us.example
Message-ID: <answer-1@customer.example>
In-Reply-To: <reminder-1@us.example>
"""
PLAIN = 'Content-Type: text/plain; charset="utf-8"\n\n'

PERSONS = {
    "Gmail": ADDRESSES
    + """Subject: Re: Reminder of invoice INV/2026/00001
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="000000000000aa"

--000000000000aa
Content-Type: text/plain; charset="UTF-8"

I paid it on Monday.

On Tue, Mar 10, 2026 at 10:00 AM Brightwater <reminders@us.example> wrote:
> Please pay
--000000000000aa
Content-Type: text/html; charset="UTF-8"

<div>I paid it on Monday.</div>
--000000000000aa--
""",
    "Outlook": ADDRESSES
    + """Subject: AW: Reminder of invoice INV/2026/00001
X-MS-Has-Attach:
X-MS-Exchange-Organization-AuthAs: Internal
Thread-Topic: Reminder of invoice
Auto-Submitted: no
"""
    + PLAIN
    + "Wird heute bezahlt.\n",
    "about an absence": ADDRESSES
    + "Subject: Re: Automatic reply: your reminder\n"
    + PLAIN
    + "I am back, and paid.\n",
    "by a group": ADDRESSES
    + "Subject: Re: Reminder\nPrecedence: list\nList-Id: <ap.customer.example>\n"
    + PLAIN
    + "Which order is this?\n",
    "an invitation": ADDRESSES
    + "Subject: Call about your invoice\n"
    + 'Content-Type: text/calendar; method=REQUEST; charset="utf-8"\n\n'
    + "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n",
    "German for a car": ADDRESSES + "Subject: Auto: Rechnung\n" + PLAIN + "Falsche Rechnung\n",
}
AUTOMATIC = {
    "Gmail": ADDRESSES
    + """Subject: Out of office Re: Reminder
Auto-Submitted: auto-replied
Precedence: bulk
X-Autoreply: yes
"""
    + PLAIN
    + "I am away until Monday.\n",
    "Exchange": ADDRESSES
    + """Subject: Automatic reply: Reminder of invoice INV/2026/00001
X-Auto-Response-Suppress: All
X-MS-Exchange-Inbox-Rules-Loop: anna@customer.example
auto-submitted: auto-generated
X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent
"""
    + PLAIN
    + "I am out of the office.\n",
    "Exchange without headers of its own": ADDRESSES
    + "Subject: =?utf-8?q?Automatische_Antwort=3A_Mahnung?=\n"
    + PLAIN
    + "Ich bin bis 30.11. nicht im Haus.\n",
    "vacation": "Return-Path: <>\n"
    + ADDRESSES
    + "Subject: away from my mail\nAuto-Submitted: auto-replied (vacation)\n"
    + PLAIN
    + "I will not be reading my mail.\n",
    "Notes": ADDRESSES
    + "Subject: =?utf-8?b?QVVUTzogQW5uYSBNdXN0ZXIgaXN0IGF1w59lciBIYXVz?=\n"
    + PLAIN
    + "Ich kehre am 01.12.2026 zurück.\n",
    "French Notes": ADDRESSES
    + "Subject: Anna Muster est absent(e).\n"
    + PLAIN
    + "Je serai de retour le 01/12/2026.\n",
    "Notes, older": ADDRESSES
    + "Subject: Anna Muster is out of the office.\n"
    + PLAIN
    + "I will respond when I return.\n",
    "German": ADDRESSES
    + "Subject: Abwesenheitsnotiz: Zahlungserinnerung\n"
    + PLAIN
    + "Vielen Dank für Ihre Nachricht. Ich bin im Urlaub.\n",
    "French": ADDRESSES
    + "Subject: =?iso-8859-1?q?R=E9ponse_automatique_=3A_Rappel_de_la_facture?=\n"
    + PLAIN
    + "Je suis absente jusqu'au 30 novembre.\n",
    "French, typographic": ADDRESSES
    + "Subject: =?utf-8?q?Message_d=E2=80=99absence_=3A_Rappel?=\n"
    + PLAIN
    + "Absente.\n",
    "Romanian": ADDRESSES
    + "Subject: =?utf-8?b?UsSDc3B1bnMgYXV0b21hdDogTm90aWZpY2FyZQ==?=\n"
    + PLAIN
    + "Sunt în concediu.\n",
    "Romanian with a cedilla": ADDRESSES
    + "Subject: =?utf-8?b?TWVzYWogZGUgYWJzZW7Fo8SD?=\n"
    + PLAIN
    + "Revin luni.\n",
    "a ticket": ADDRESSES
    + "Subject: [Ticket#4711] We received your message\nPrecedence: auto_reply\n"
    + PLAIN
    + "Thank you.\n",
}
POSTFIX = """Return-Path: <>
From: MAILER-DAEMON@mail.customer.example (Mail Delivery System)
To: bounce@us.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <20260310.1@mail.customer.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="AA/mail"

--AA/mail
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.customer.example.

--AA/mail
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.customer.example
Arrival-Date: Tue, 10 Mar 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; anna@customer.example
Original-Recipient: rfc822;anna@customer.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--AA/mail
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Brightwater <billing@us.example>
To: anna@customer.example
Message-Id: <reminder-1@us.example>
Subject: Reminder of invoice INV/2026/00001

--AA/mail--
"""
EXIM = """Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mx.customer.example>
To: bounce@us.example
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: anna@customer.example
Auto-Submitted: auto-replied
Message-Id: <E1abc-0001@mx.customer.example>
Content-Type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

  anna@customer.example
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

Return-path: <bounce@us.example>
To: anna@customer.example
Message-Id: <reminder-1@us.example>
Subject: Reminder

Please pay.
"""
EXIM_DELAY = """Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mx.customer.example>
To: bounce@us.example
Subject: Warning: message 1abc-0001-XY delayed 24 hours
Auto-Submitted: auto-replied
Message-Id: <E1abc-0002@mx.customer.example>
References: <reminder-1@us.example>
Content-Type: text/plain; charset=us-ascii

A message that you sent has not yet been delivered.
"""
RECEIPT = """From: Anna Muster <anna@customer.example>
To: reminders@us.example
Subject: Read: Reminder of invoice INV/2026/00001
Message-ID: <receipt-1@customer.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="BB"

--BB
Content-Type: text/plain; charset=utf-8

Your message was read on Tuesday, 10 March 2026 10:12.

--BB
Content-Type: message/disposition-notification

Reporting-UA: Microsoft Outlook
Final-Recipient: rfc822;anna@customer.example
Original-Message-ID: <reminder-1@us.example>
Disposition: automatic-action/MDN-sent-automatically; displayed

--BB--
"""
MEETING = (
    ADDRESSES
    + """Subject: Accepted: Call about your invoice
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="CC"

--CC
Content-Type: text/plain; charset=utf-8

Accepted.
--CC
Content-Type: text/calendar; method=REPLY; charset=utf-8

BEGIN:VCALENDAR
METHOD:REPLY
END:VCALENDAR
--CC--
"""
)


def parse(text):
    return email.message_from_bytes(text.encode(), policy=policy.SMTP)


class TestAutoReply(unittest.TestCase):
    def test_c4_what_persons_write(self):
        for name, text in PERSONS.items():
            with self.subTest(name):
                self.assertEqual(auto_reply.find_kind(parse(text)), "")

    def test_c4_what_programs_answer(self):
        for name, text in AUTOMATIC.items():
            with self.subTest(name):
                self.assertEqual(auto_reply.find_kind(parse(text)), "automatic")

    def test_c4_delivery_reports(self):
        kinds = {
            "failed": ("failed", "5.1.1"),
            "delayed": ("delayed", "4.4.1"),
            "delivered": ("relayed", "2.0.0"),
        }
        for kind, (action, status) in kinds.items():
            report = parse(POSTFIX.format(action=action, status=status))
            self.assertEqual(auto_reply.find_kind(report), kind)
            self.assertEqual(auto_reply.find_originals(report), ["<reminder-1@us.example>"])
            failed = ["anna@customer.example"] if kind == "failed" else []
            self.assertEqual(auto_reply.find_failed(report), failed)

    def test_c4_reports_without_form(self):
        report = parse(EXIM)
        self.assertEqual(auto_reply.find_kind(report), "failed")
        self.assertEqual(auto_reply.find_failed(report), ["anna@customer.example"])
        self.assertEqual(auto_reply.find_originals(report), ["<reminder-1@us.example>"])
        delay = parse(EXIM_DELAY)
        self.assertEqual(auto_reply.find_kind(delay), "delayed")
        self.assertEqual(auto_reply.find_originals(delay), ["<reminder-1@us.example>"])

    def test_c4_receipts_and_invitations(self):
        self.assertEqual(auto_reply.find_kind(parse(RECEIPT)), "read")
        self.assertEqual(auto_reply.find_originals(parse(RECEIPT)), ["<reminder-1@us.example>"])
        self.assertEqual(auto_reply.find_kind(parse(MEETING)), "calendar")

    def test_c4_headers_that_break_parsers(self):
        for text in (
            "Subject: \x00\xff\nFrom: <<@@>>\nAuto-Submitted: ;;\n\n",
            "Content-Type: multipart/report; report-type\n\n",
            "Content-Type: text/plain; charset=nobody-knows\n\nMessage-ID: <a@b.example>\n",
            "Content-Type: message/delivery-status\n\nno fields at all\n",
            "",
        ):
            message = email.message_from_bytes(text.encode("latin-1"), policy=policy.SMTP)
            with self.subTest(text):
                self.assertIn(auto_reply.find_kind(message), ("", "failed"))
                auto_reply.find_failed(message)
                auto_reply.find_originals(message)

    def test_examples(self):
        for module in (auto_reply, reply_text):
            self.assertEqual(doctest.testmod(module).failed, 0)


class TestReplyText(unittest.TestCase):
    def test_c4_what_was_written_without_what_it_answers(self):
        for quote in (
            "On Tue, 10 Mar 2026 at 10:00, Brightwater <a@b.example> wrote:",
            "Am Di., 10. März 2026 um 10:00 Uhr schrieb Brightwater <a@b.example>:",
            "Le mar. 10 mars 2026 à 10:00, Brightwater <a@b.example> a écrit :",
            "În mar., 10 mar. 2026 la 10:00, Brightwater <a@b.example> a scris:",
            "-----Original Message-----",
            "-----Ursprüngliche Nachricht-----",
            "________________________________",
            "Von: Brightwater <a@b.example>",
            "> Please pay",
        ):
            with self.subTest(quote):
                text = f"Paid today.\n\nAnna\n\n{quote}\nPlease pay\n"
                self.assertEqual(reply_text.get_excerpt(text), "Paid today.\nAnna")

    def test_c4_what_is_long_is_cut(self):
        self.assertEqual(len(reply_text.get_excerpt("word " * 200)), 400)
        self.assertEqual(
            reply_text.get_excerpt("In total we owe nothing."), "In total we owe nothing."
        )


if __name__ == "__main__":
    unittest.main()
