"""E-mails that come back: reports of mail servers (RFC 3464), and what else lands in such a box."""

from email.message import EmailMessage

REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mx.bar.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Date: Mon, 19 Oct 2026 08:00:07 +0000
Message-ID: <20261019080007.4FZ@mx.bar.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4FZ.1792396807/mx.bar.example"

--4FZ.1792396807/mx.bar.example
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.bar.example. I'm sorry to have to inform you ...

--4FZ.1792396807/mx.bar.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.bar.example
Arrival-Date: Mon, 19 Oct 2026 08:00:03 +0000

Final-Recipient: rfc822; ada@bar.example
Original-Recipient: rfc822;ada@bar.example
Action: {action}
Status: {status}
Remote-MTA: dns; mail.bar.example
Diagnostic-Code: {diagnostic}

--4FZ.1792396807/mx.bar.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: "Harbor County Bar" <exchange@exchange.example>
To: "Ada Farouk" <ada@bar.example>
Subject: Ben would be glad of an answer
Message-ID: <digest-1-00000000@exchange.example>

Good morning, Ada

--4FZ.1792396807/mx.bar.example--
"""


def report(
    to: str, *, status: str = "5.1.1", action: str = "failed", diagnostic: str = "smtp; 550 5.1.1 User unknown"
) -> bytes:
    """What a mail server writes about a letter that it could not deliver, as Postfix does."""
    return REPORT.format(to=to, status=status, action=action, diagnostic=diagnostic).replace("\n", "\r\n").encode()


def holiday(to: str) -> bytes:
    """An answer that a mailbox gives by itself."""
    message = EmailMessage()
    message["From"], message["To"] = "ada@bar.example", to
    message["Subject"] = "Out of the office: 550 5.1.1 ways to rest"
    message["Auto-Submitted"] = "auto-replied"
    message.set_content("I am away until Monday. Status: 5.1.1")
    return message.as_bytes()


def receipt(to: str) -> bytes:
    """The reader's mail program says that the letter was shown (RFC 8098): a report as well, and no bounce."""
    return (
        report(to)
        .replace(b"report-type=delivery-status", b"report-type=disposition-notification")
        .replace(b"message/delivery-status", b"message/disposition-notification")
    )
