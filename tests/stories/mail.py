"""Where the stories' platform hands its letters in. Nobody listens there, until a story does."""

from __future__ import annotations

from tests.stories.processes import free_port

MAIL_PORT = free_port()


def mail_to(port: int) -> dict[str, str]:
    """The variables of a platform that has a mail server on this machine."""
    return {
        "INVIGIL_SMTP_HOST": "localhost",
        "INVIGIL_SMTP_PORT": str(port),
        "INVIGIL_SMTP_SECURITY": "none",
        "INVIGIL_MAIL_FROM": "exams@example.org",
    }
