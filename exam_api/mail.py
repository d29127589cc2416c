"""Handing a letter to the institution's mail server. What went wrong is said in our words: a server's own may name people."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal

TIMEOUT = 20  # seconds for each step of the talk with the server
Security = Literal["starttls", "tls", "none"]


class MailRefused(Exception):
    """The mail server will never take this letter."""


class MailWaits(Exception):
    """The mail server cannot take the letter now."""


@dataclass(frozen=True)
class MailServer:
    """Where letters go out. Without `security` nobody signs in: a password never travels in clear."""

    host: str
    port: int
    security: Security
    sender: str
    hello: str  # the name we greet with
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False)  # None: the system's certificates


def send(server: MailServer, message: EmailMessage, to: str) -> None:
    """Return when the server has taken the letter. Blocks. Raises `MailRefused`, `MailWaits`, never with an address in it."""
    refused = waits = ""
    try:
        _talk(server, message, to)
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        refused, waits = _sort(code, "the address")
    except smtplib.SMTPAuthenticationError:
        waits = "it does not accept our user name and password"
    except smtplib.SMTPSenderRefused as error:
        refused, waits = _sort(error.smtp_code, "our own address, or a letter of this size")
    except smtplib.SMTPDataError as error:
        refused, waits = _sort(error.smtp_code, "the letter")
    except _NoForeignLetters:
        refused = "it cannot write to an address with such letters"
    except smtplib.SMTPNotSupportedError:
        waits = "it offers no encryption, or no sign-in"
    except smtplib.SMTPException as error:
        waits = f"the talk with it broke off ({type(error).__name__})"
    except OSError as error:
        waits = f"it cannot be reached ({type(error).__name__})"
    # Raised out here, so that no traceback carries the server's own words along.
    if refused:
        raise MailRefused(refused)
    if waits:
        raise MailWaits(waits)


class _NoForeignLetters(Exception):
    pass


def _sort(code: int, what: str) -> tuple[str, str]:
    """RFC 5321 section 4.2.1: 5xx is for ever, everything else may go well later."""
    said = f"it did not take {what} ({code})"
    return (said, "") if 500 <= code < 600 else ("", said)


def _talk(server: MailServer, message: EmailMessage, to: str) -> None:
    context = server.context or ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, server.hello, timeout=TIMEOUT, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, server.hello, timeout=TIMEOUT)
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user is not None and server.security != "none":
            smtp.login(server.user, server.password or "")
        smtp.ehlo_or_helo_if_needed()
        if not to.isascii() and not smtp.has_extn("smtputf8"):
            raise _NoForeignLetters
        smtp.send_message(message, server.sender, [to])
        _leave(smtp)
    finally:
        smtp.close()


def _leave(smtp: smtplib.SMTP) -> None:
    """The letter is taken: an impolite good-bye must not make us send it again."""
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        return
