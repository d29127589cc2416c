"""The platform's anchors: asked for in each period, kept up, shown in the file, and never in anybody's way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from credentials.anchors.anchor import AnchorTrust
from credentials.anchors.evm_node import Chain
from credentials.anchors.ots import Calendars
from credentials.anchors.rfc3161 import TimeStamps
from credentials.errors import Unreachable
from credentials.transparency import log
from credentials.verification.trust import Trust
from credentials.verification.verify import verify
from exam_api.certificates import tasks
from exam_api.certificates.service import anchoring, announcing, proving
from exam_api.db.models.certificates import Certificate, Checkpoint
from exam_api.db.models.record import LogAnchor, LogPolicy
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop, open_anchors
from exam_api.keyring import KeyFileUnsafe
from exam_api.settings import Settings
from tests.credentials.anchors.authority import STAMPED, Authority
from tests.credentials.anchors.calendar import HEIGHT, URL, Calendar
from tests.credentials.anchors.chain import SECRET, chain, mine
from tests.credentials.anchors.heads import Inside
from tests.exam_api.certificates.conftest import Award

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
AUTHORITY = Authority()


def stamps(authority: Authority = AUTHORITY) -> TimeStamps:
    """An authority in this process."""
    return TimeStamps("https://tsa.example", Inside(lambda _, body: authority.answer(body)), (authority.root,))


def at_places(here: Installation, *places: Any) -> Installation:
    """The installation with these places outside."""
    return replace(here, anchors=places, anchor_authorities=(AUTHORITY.root,))


async def rows(here: Installation) -> list[LogAnchor]:
    async with transaction(here.sessions) as session:
        return list(await session.scalars(select(LogAnchor).order_by(LogAnchor.size, LogAnchor.kind)))


async def file_of(here: Installation) -> tuple[dict[str, Any], Trust]:
    """The newest certificate's file, and what we ourselves verify it with."""
    async with transaction(here.sessions) as session:
        row = await session.scalar(select(Certificate).order_by(Certificate.log_index.desc()).limit(1))
        assert row is not None
        proof = await proving.prove(session, here, row)
    return proof.bundle, proof.trust


async def test_nobody_is_asked_unless_the_operator_named_a_place(
    award: Award, installation: Installation, workshop: Workshop
) -> None:
    await award()
    await tasks.anchor_heads(workshop, {})
    assert await rows(installation) == []
    assert "anchors" not in (await file_of(installation))[0]


async def test_a_certificate_says_where_it_is_anchored(
    award: Award, installation: Installation, client: httpx.AsyncClient
) -> None:
    made = await award()
    web3, calendar = chain(), Calendar()
    calendars = Calendars((URL,), Inside(calendar.post, calendar.get))
    here = at_places(installation, stamps(), calendars, Chain(web3, SECRET, 2))
    assert await anchoring.keep_up(here, NOW) == 1  # the time stamp; the others wait for their blocks
    header = calendar.mine()
    mine(web3, 2)
    assert await anchoring.keep_up(here, NOW + timedelta(minutes=1)) == 0  # not looked at so soon
    assert await anchoring.keep_up(here, NOW + timedelta(minutes=6)) == 2
    file, trust = await file_of(here)
    report = verify(file, replace(trust, anchors=replace(trust.anchors, bitcoin={HEIGHT: header})), NOW)
    assert report.verdict == "proven"
    assert [(each.kind, each.outcome, each.pinned) for each in report.anchors.anchors] == [
        ("evm", "proven", True),
        ("opentimestamps", "proven", True),
        ("rfc3161", "proven", True),
    ]
    assert report.anchors.anchors[2].at == STAMPED
    # A stranger trusts none of ours, and sees what the file claims.
    stranger = verify(file, Trust(), NOW)
    assert [each.pinned for each in stranger.anchors.anchors] == [False, False, False]
    page = (await client.get(f"/c/{made['id']}")).raise_for_status().text
    assert "block" in page
    served = (await client.get(f"/c/{made['id']}.json")).raise_for_status().json()
    assert served["anchors"] == file["anchors"]


async def test_at_most_one_head_in_a_period_and_none_that_did_not_grow(
    award: Award, installation: Installation
) -> None:
    await award()
    here = at_places(installation, stamps())
    for minutes in (0, 5, 60):
        await anchoring.keep_up(here, NOW + timedelta(minutes=minutes))
    assert [row.size for row in await rows(here)] == [3]
    await anchoring.keep_up(here, NOW + timedelta(days=2))
    assert len(await rows(here)) == 1  # the log is as it was
    await award(name="Second Person")
    await anchoring.keep_up(here, NOW + timedelta(days=2))
    assert len(await rows(here)) == 2


async def test_the_oldest_head_above_a_certificate_is_the_one_in_its_file(
    award: Award, installation: Installation
) -> None:
    await award()
    here = at_places(installation, stamps())
    await anchoring.keep_up(here, NOW)
    first, _ = await file_of(here)
    await award(name="Second Person")
    await anchoring.keep_up(here, NOW + timedelta(days=2))
    second, trust = await file_of(here)
    sizes = [
        log.open_checkpoint(log.parse_proof(file["anchors"][0]["proof"]).checkpoint, here.keyring.log_keys).size
        for file in (first, second)
    ]
    assert sizes[0] < sizes[1]
    assert verify(second, trust, NOW).anchors.outcome == "proven"
    moved = {**second, "anchors": first["anchors"]}  # somebody else's anchor
    assert "does not hold this certificate" in verify(moved, trust, NOW).anchors.reason


async def test_a_place_that_is_away_is_asked_ever_more_rarely_and_holds_nobody_up(
    award: Award, installation: Installation
) -> None:
    await award()
    asked: list[datetime] = []

    class Away(TimeStamps):
        def submit(self, text: str) -> Any:
            asked.append(clock)
            raise Unreachable("nobody answers")

    here = at_places(installation, Away("https://away.example", Inside(), ()))
    clock = NOW
    for _ in range(240):
        await anchoring.keep_up(here, clock)
        clock += timedelta(minutes=5)
    assert 6 <= len(asked) <= 12
    (row,) = await rows(here)
    assert (row.complete, row.problem) == (False, "nobody answers")
    await award(name="Second Person")
    back = at_places(installation, stamps())
    await anchoring.keep_up(back, clock + timedelta(days=1))
    assert all(row.complete for row in await rows(back))


async def test_two_workers_ask_once(award: Award, installation: Installation) -> None:
    await award()
    web3 = chain()
    here = at_places(installation, Chain(web3, SECRET, 1))
    async with transaction(here.sessions) as session:
        await anchoring._begin(session, here, here.anchors[0], NOW)
        first = await anchoring._claim(session, here.anchors[0], NOW)
    async with transaction(here.sessions) as session:
        second = await anchoring._claim(session, here.anchors[0], NOW)
    assert (len(first), second) == (1, [])


async def test_a_changed_tile_never_leaves_as_an_anchored_proof(award: Award, installation: Installation) -> None:
    await award()
    here = at_places(installation, stamps())
    await anchoring.keep_up(here, NOW)
    async with transaction(here.sessions) as session:
        head = await session.scalar(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))
        assert head is not None
        other = log.checkpoint("localhost:8000/log", head.size, bytes(32), here.keyring.log)
        head.note = other
    with pytest.raises(Exception, match="log"):
        await file_of(here)


# --- what the log says of itself ---


async def test_the_log_says_who_its_witnesses_are_and_where_it_is_anchored(
    award: Award, installation: Installation, workshop: Workshop
) -> None:
    await award()
    here = at_places(installation, stamps())
    there = replace(workshop, here=here)
    for _ in range(2):
        await tasks.ask_witnesses(there, {})
    async with transaction(here.sessions) as session:
        (said,) = await session.scalars(select(LogPolicy))
    assert (said.text, said.anchors) == ("quorum none\n", ["rfc3161"])
    file, trust = await file_of(here)
    assert file["policy"][0]["index"] == said.index
    assert verify(file, replace(trust, policy=None), NOW).log.announced == said.index
    await tasks.ask_witnesses(workshop, {})  # without anchors again
    async with transaction(here.sessions) as session:
        assert [row.anchors for row in await session.scalars(select(LogPolicy).order_by(LogPolicy.index))] == [
            ["rfc3161"],
            [],
        ]


async def test_an_empty_log_and_one_without_witnesses_announce_nothing(
    installation: Installation, award: Award
) -> None:
    here = at_places(installation, stamps())
    async with transaction(here.sessions) as session:
        assert await announcing.announce(session, here, NOW) is None
    await award()
    async with transaction(installation.sessions) as session:
        assert await announcing.announce(session, installation, NOW) is None


# --- settings ---


def test_settings_open_the_places_that_they_name(tmp_path: Path) -> None:
    roots, secret = tmp_path / "roots.pem", tmp_path / "account"
    roots.write_bytes(AUTHORITY.root.public_bytes(Encoding.PEM))
    secret.write_text(f"0x{SECRET.hex()}\n")
    named = Settings(
        anchor_tsa_url="https://tsa.example",
        anchor_tsa_roots=roots,
        anchor_calendars="https://a.example, https://b.example",
        anchor_evm_url="http://127.0.0.1:1",
        anchor_evm_key_file=secret,
    )
    with pytest.raises(KeyFileUnsafe):
        open_anchors(named)
    secret.chmod(0o600)
    assert [place.kind for place in open_anchors(named)] == ["rfc3161", "opentimestamps", "evm"]
    assert open_anchors(Settings()) == ()


@pytest.mark.parametrize("half", [{"anchor_tsa_url": "https://tsa.example"}, {"anchor_evm_key_file": "/secret"}])
def test_half_of_a_setting_is_refused(half: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="go together"):
        Settings(**half)


def test_whom_we_believe_are_the_roots_of_our_settings(installation: Installation) -> None:
    here = at_places(installation, stamps())
    assert anchoring.trusted(here, []) == AnchorTrust(authorities=(AUTHORITY.root,))
