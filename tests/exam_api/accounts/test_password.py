"""Password with authenticator code: both or nothing, each code once, the same refusal for every cause."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import httpx
import pyotp
import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from sqlalchemy import select

from exam_api.accounts.service import password
from exam_api.accounts.service.password import HASHER, check_strength, matching_step
from exam_api.db.models.accounts import Throttle, User
from exam_api.db.session import transaction
from exam_api.errors import Invalid
from exam_api.installation import Installation
from tests.conftest import Clock
from tests.factories import account, person

NewClient = Callable[[], httpx.AsyncClient]
PASSWORD = "four brown words here"


async def set_up(client: httpx.AsyncClient, clock: Clock) -> pyotp.TOTP:
    """A password and an authenticator for whoever is signed in."""
    offer = (await client.post("/api/me/password/options")).raise_for_status().json()
    totp = pyotp.TOTP(offer["secret"])
    assert f"secret={offer['secret']}" in offer["uri"]
    body = {"sealed": offer["sealed"], "password": PASSWORD, "code": totp.at(clock.moment)}
    (await client.put("/api/me/password", json=body)).raise_for_status()
    return totp


async def enter(client: httpx.AsyncClient, email: str, password: str, code: str) -> httpx.Response:
    return await client.post("/api/sign-in/password", json={"email": email, "password": password, "code": code})


async def test_both_together_open_the_account(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation, clock: Clock
) -> None:
    ada = await person(client, installation, now=clock.moment, email="Ada.Lovelace@Example.ORG")
    totp = await set_up(client, clock)
    clock.moment += timedelta(seconds=60)
    async with new_client() as fresh:
        code = totp.at(clock.moment)
        said = await enter(fresh, "  ADA.lovelace@example.org ", PASSWORD, f"{code[:3]} {code[3:]}")
        assert said.status_code == 200
        assert (said.json()["id"], said.json()["method"]) == (str(ada.id), "password")
        replay = await enter(fresh, ada.email, PASSWORD, code)
        assert (replay.status_code, replay.json()["code"]) == (401, "sign-in-failed")
        earlier = await enter(fresh, ada.email, PASSWORD, totp.at(clock.moment - timedelta(seconds=30)))
        assert earlier.status_code == 401, "a code older than one already used"


async def test_every_cause_is_refused_in_the_same_words(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation, clock: Clock
) -> None:
    ada = await person(client, installation, now=clock.moment)
    totp = await set_up(client, clock)
    clock.moment += timedelta(seconds=60)
    code, stale = totp.at(clock.moment), totp.at(clock.moment - timedelta(minutes=5))
    async with new_client() as other:
        no_password = await person(other, installation, now=clock.moment)
    async with new_client() as fresh:
        said = [
            await enter(fresh, ada.email, "wrong" + PASSWORD, code),
            await enter(fresh, ada.email, PASSWORD, stale),
            await enter(fresh, ada.email, PASSWORD, ""),
            await enter(fresh, "nobody@example.org", PASSWORD, code),
            await enter(fresh, "not an address", PASSWORD, code),
            await enter(fresh, no_password.email, PASSWORD, code),
        ]
        assert {each.status_code for each in said} == {401}
        assert len({each.text for each in said}) == 1
        assert (await fresh.get("/api/me")).status_code == 401


class Counting(PasswordHasher):
    """argon2 that notes how expensive each check was, because the seconds depend on what else the machine does."""

    def __init__(self) -> None:
        super().__init__()
        self.work: list[Parameters] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  (argon2's own name)
        self.work.append(extract_parameters(hash.decode() if isinstance(hash, bytes) else hash))
        return super().verify(hash, password)


async def test_an_unknown_address_takes_as_long_as_a_wrong_password(
    client: httpx.AsyncClient,
    new_client: NewClient,
    installation: Installation,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = await person(client, installation, now=clock.moment)
    await set_up(client, clock)
    counting = Counting()
    monkeypatch.setattr(password, "HASHER", counting)
    took: dict[str, list[float]] = {ada.email: [], "nobody@example.org": []}
    for _ in range(4):
        for email, seconds in took.items():
            begun = time.perf_counter()
            async with new_client() as fresh:
                assert (await enter(fresh, email, "wrong password", "000000")).status_code == 401
            seconds.append(time.perf_counter() - begun)
    assert counting.work == [extract_parameters(password.NOBODY_HASH)] * 8, "one check each, of the same price"
    known, unknown = map(min, took.values())
    assert 1 / 8 < unknown / known < 8, "without the hash it would be twenty times as fast"


async def test_too_many_tries_wait_and_the_count_survives_each_failure(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation, clock: Clock
) -> None:
    ada = await person(client, installation, now=clock.moment)
    totp = await set_up(client, clock)
    clock.moment += timedelta(seconds=60)
    async with new_client() as fresh:
        for _ in range(10):
            assert (await enter(fresh, ada.email, "wrong", "000000")).status_code == 401
        stopped = await enter(fresh, ada.email, PASSWORD, totp.at(clock.moment))
        assert (stopped.status_code, stopped.json()["code"]) == (429, "too-many-tries")
        assert 0 < int(stopped.headers["retry-after"]) <= 300
        clock.moment += timedelta(seconds=int(stopped.headers["retry-after"]))
        assert (await enter(fresh, ada.email, PASSWORD, totp.at(clock.moment))).status_code == 200
    async with transaction(installation.sessions) as session:
        keys = (await session.scalars(select(Throttle.key))).all()
    assert keys
    assert not any(ada.email in key or "127.0.0.1" in key for key in keys)


async def test_one_address_is_slowed_down_but_a_hall_can_sign_in(
    new_client: NewClient, installation: Installation, clock: Clock
) -> None:
    async with new_client() as fresh:
        for number in range(70):
            code = await account(installation, now=clock.moment)
            said = await fresh.post("/api/activate", json={"code": code.code})
            assert said.status_code == 200, f"person {number} behind the hall's one address"
        tries = [(await fresh.post("/api/activate", json={"code": f"X{n}"})).status_code for n in range(62)]
        assert tries == [410] * 60 + [429] * 2


async def test_the_set_up_belongs_to_one_person_and_one_hour(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation, clock: Clock
) -> None:
    await person(client, installation, now=clock.moment)
    offer = (await client.post("/api/me/password/options")).json()
    body = {"sealed": offer["sealed"], "password": PASSWORD, "code": pyotp.TOTP(offer["secret"]).at(clock.moment)}
    async with new_client() as other:
        await person(other, installation, now=clock.moment)
        assert (await other.put("/api/me/password", json=body)).status_code == 410
    assert (await client.put("/api/me/password", json=body | {"sealed": "AAAA"})).status_code == 410
    assert (await client.put("/api/me/password", json=body | {"code": "000"})).status_code == 401
    assert (await client.put("/api/me/password", json=body | {"password": "short"})).status_code == 422
    assert (await client.get("/api/me/ways-in")).json()["has_password"] is False
    assert (await client.delete("/api/me/password")).status_code == 404
    assert (await client.put("/api/me/password", json=body)).status_code == 204
    assert (await client.delete("/api/me/password")).status_code == 204


async def test_what_is_kept_is_no_use_to_a_thief_of_the_database(
    client: httpx.AsyncClient, installation: Installation, clock: Clock
) -> None:
    ada = await person(client, installation, now=clock.moment)
    totp = await set_up(client, clock)
    async with transaction(installation.sessions) as session:
        kept = await session.get(User, ada.id)
    assert kept is not None
    assert kept.password_hash is not None
    assert kept.password_hash.startswith("$argon2id$")
    assert not HASHER.check_needs_rehash(kept.password_hash)
    assert kept.totp_secret is not None
    assert totp.secret.encode() not in kept.totp_secret


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaaaaaa", "012345678901", "abcdefghijklmnop", "ada@example.org", "lovelace12345"]
)
def test_passwords_that_any_guesser_tries_first_are_refused(password: str) -> None:
    with pytest.raises(Invalid):
        check_strength(password, "ada@example.org", "Ada Lovelace")
    check_strength(PASSWORD, "ada@example.org", "Ada Lovelace")
    check_strength("vier große Wörter ❤", "ada@example.org", "Ada Lovelace")


def test_codes_follow_the_standard_and_allow_for_one_step_of_drift() -> None:
    """RFC 6238, appendix B: the secret `12345678901234567890` at second 59 gives 94287082, of which six digits count."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = datetime.fromtimestamp(59, UTC)
    assert matching_step(secret, "287082", at) == 1
    assert matching_step(secret, "287082", at + timedelta(seconds=30)) == 1
    assert matching_step(secret, "287082", at + timedelta(seconds=61)) is None
    assert matching_step(secret, "٢٨٧٠٨٢", at) is None
