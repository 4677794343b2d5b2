"""Sending e-mail through an SMTP server, by aiosmtplib (docs/decisions/0020-e-mail.md)."""

from collections import Counter
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

from rookery.domain.letters import Letter
from rookery.domain.measurements import Kind, Measurement
from rookery.errors import Invalid, Misconfigured, Unavailable

REFUSED_FOR_GOOD: Final = 500
"""From here on, codes say that trying again is no use (RFC 5321, 4.2.1)."""
ANSWER_TIMEOUT_S: Final = 20
PORTS: Final = {"smtp": 587, "smtps": 465}


class SmtpMailer:
    """The `Mailer` port; without a URL it is off."""

    def __init__(self, url: str, *, sender: str) -> None:
        """Take `smtp://` (STARTTLS where the server offers it) or `smtps://`, with name and password, and who writes."""
        parts = urlsplit(url)
        if url and (parts.scheme not in PORTS or not parts.hostname):
            raise Misconfigured("smtp_url is wrong: write smtp://NAME:PASSWORD@HOST:587 or smtps://…")
        if url and "@" not in sender:
            raise Misconfigured("email_from is needed with smtp_url: the address that e-mails come from")
        self.is_on = bool(url)
        self._sender = sender
        self._host = parts.hostname or ""
        self._port = parts.port or PORTS.get(parts.scheme, 0)
        self._tls = parts.scheme == "smtps"
        self._name = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._counts: Counter[str] = Counter()

    async def send(self, letter: Letter, /) -> None:
        """Hand a letter to the server. Raises Unavailable when it should be tried again, Invalid when that is no use."""
        import aiosmtplib  # noqa: PLC0415  few processes send

        message = EmailMessage()
        message["From"], message["To"] = self._sender, letter.to
        message["Subject"], message["Date"] = letter.subject, formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].rstrip(">"))
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._name,
                password=self._password,
                use_tls=self._tls,
                start_tls=self._start_tls(),
                timeout=ANSWER_TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if any(each.code < REFUSED_FOR_GOOD for each in error.recipients):
                self._counts["failed"] += 1
                raise Unavailable("the mail server does not take letters to this address now") from error
            self._counts["refused"] += 1
            raise Invalid("the mail server refuses the address") from error
        except (
            aiosmtplib.SMTPAuthenticationError,
            aiosmtplib.SMTPConnectResponseError,
            aiosmtplib.SMTPHeloError,
            aiosmtplib.SMTPSenderRefused,
        ) as error:
            # It is nothing about this letter: the operator has to look.
            self._counts["failed"] += 1
            raise Unavailable(f"the mail server does not let us send: it answered {error.code}") from error
        except aiosmtplib.SMTPResponseException as error:
            if error.code >= REFUSED_FOR_GOOD:
                self._counts["refused"] += 1
                raise Invalid(f"the mail server answered {error.code}") from error
            self._counts["failed"] += 1
            raise Unavailable(f"the mail server answered {error.code}") from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._counts["failed"] += 1
            raise Unavailable(f"the mail server cannot be reached: {type(error).__name__}") from error
        self._counts["sent"] += 1

    def _start_tls(self) -> bool | None:
        """Tell whether encryption must be had: no password leaves this machine in the clear."""
        if self._tls or not self._name or self._host in {"localhost", "127.0.0.1", "::1"}:
            return None
        return True

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        return [
            Measurement(
                f"rookery_emails_{outcome}",
                f"E-mails that {words}.",
                Kind.COUNTER,
                lambda outcome=outcome: self._counts[outcome],
            )
            for outcome, words in (
                ("sent", "the mail server took"),
                ("refused", "the mail server refused for good"),
                ("failed", "could not be sent and are tried again"),
            )
        ]
