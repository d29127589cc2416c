"""Handing a letter over: encrypted or not at all, yes or no or later, and never a word of the server's in what we say."""

import asyncio
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import ValidationError

from exam_api.installation import open_mail
from exam_api.keyring import KeyFileUnsafe
from exam_api.mail import MailRefused, MailServer, MailWaits, send
from exam_api.settings import Settings
from tests.mail_server import Post, certificate

TO = "secret.person@example.org"


def _letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "exams@example.org", TO, "Hello"
    letter.set_content("A word.\n.\nAnother one after a lonely dot.\n")
    return letter


def _server(post: Post, **changes: object) -> MailServer:
    plain = MailServer("localhost", post.port, "none", "exams@example.org", "exams.example.org")
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test's own changes


async def _send(server: MailServer, to: str = TO) -> None:
    await asyncio.to_thread(send, server, _letter(), to)


async def test_in_clear_on_this_machine() -> None:
    post = Post()
    async with await post.serve():
        await _send(_server(post))
    assert b"A word.\r\n.\r\nAnother" in post.letters[0]
    assert post.to == [f"rcpt TO:<{TO}>"]
    assert post.talk[0] == "ehlo exams.example.org"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_encrypted_with_a_sign_in(security: str, tmp_path: Path) -> None:
    ours, theirs = certificate(tmp_path)
    post = Post(tls=ours, user="exams", password="pass word")
    async with await post.serve(tls_first=security == "tls"):
        signed_in = _server(post, security=security, user="exams", password="pass word", context=theirs)
        await _send(signed_in)
        assert post.encrypted == [True]
        with pytest.raises(MailWaits, match="user name and password"):
            await _send(replace(signed_in, password="another"))
        # A certificate that nobody we know vouches for
        with pytest.raises(MailWaits, match="SSL"):
            await _send(replace(signed_in, context=None))
    assert len(post.letters) == 1
    assert "pass word" not in repr(signed_in)


async def test_no_encryption_offered_is_no_letter(tmp_path: Path) -> None:
    _, theirs = certificate(tmp_path)
    post = Post(user="exams", password="secret")
    async with await post.serve():
        with pytest.raises(MailWaits, match="no encryption"):
            await _send(_server(post, security="starttls", user="exams", password="secret", context=theirs))
    assert not post.letters
    assert not [line for line in post.talk if line.upper().startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize(
    ("at", "answer", "expected"),
    [
        ("RCPT", "550 5.1.1 no secret.person@example.org here", MailRefused),
        ("RCPT", "450 4.7.1 greylisted, come back", MailWaits),
        ("MAIL", "552 5.3.4 too large", MailRefused),
        ("MAIL", "451 4.3.0 later", MailWaits),
        ("letter", "554 5.7.1 refused for secret.person@example.org", MailRefused),
        ("letter", "452 4.3.1 no room", MailWaits),
        ("DATA", "503 5.5.1 no", MailRefused),
        ("greeting", "421 4.3.2 closing", MailWaits),
        ("EHLO", "", MailWaits),
        ("letter", "", MailWaits),
    ],
)
async def test_no_is_for_ever_or_for_now(at: str, answer: str, expected: type[Exception]) -> None:
    post = Post({at: answer})
    async with await post.serve():
        with pytest.raises(expected) as caught:
            await _send(_server(post))
    assert not post.letters
    assert caught.value.__context__ is None, "a traceback would carry the server's words, and with them an address"
    assert "secret" not in str(caught.value)


async def test_a_bad_good_bye_does_not_make_it_a_second_letter() -> None:
    for answer in ("", "500 what"):
        post = Post({"QUIT": answer})
        async with await post.serve():
            await _send(_server(post))
        assert len(post.letters) == 1


async def test_nobody_there() -> None:
    post = Post()
    async with await post.serve():
        pass
    with pytest.raises(MailWaits, match="cannot be reached"):
        await _send(_server(post))


async def test_an_address_with_foreign_letters() -> None:
    plain, able = Post(), Post(extensions=("SMTPUTF8", "8BITMIME"))
    async with await plain.serve(), await able.serve():
        with pytest.raises(MailRefused, match="such letters"):
            await _send(_server(plain), "jürgen@example.org")
        await _send(_server(able), "jürgen@example.org")
    assert (len(plain.letters), len(able.letters)) == (0, 1)


def test_settings_that_do_not_go_together(tmp_path: Path) -> None:
    base = {"state_dir": tmp_path, "smtp_host": "mail.example.org", "mail_from": "exams@example.org"}
    secret = tmp_path / "password"
    secret.write_text("pass word\n")
    secret.chmod(0o600)
    whole = Settings(**base, smtp_user="exams", smtp_password_file=secret)  # type: ignore[arg-type]  # a plain dict
    server = open_mail(whole)
    assert server is not None
    assert (server.password, server.security, server.hello) == ("pass word", "starttls", "localhost")
    assert open_mail(Settings(state_dir=tmp_path)) is None
    for wrong in (
        {"mail_from": None},
        {"smtp_user": "exams"},
        {"smtp_password_file": secret},
        {"smtp_user": "exams", "smtp_password_file": secret, "smtp_security": "none"},
    ):
        with pytest.raises(ValidationError):
            Settings(**{**base, **wrong})  # type: ignore[arg-type]  # a plain dict
    secret.chmod(0o644)
    with pytest.raises(KeyFileUnsafe):
        open_mail(whole)
