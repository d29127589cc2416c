"""The public log as others copy it; witnesses that cosign it; and the issuer's key, replaced and stolen."""

import html
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, update

from credentials.issuance import certificate
from credentials.keys.ed25519 import SigningKey
from credentials.keys.mldsa import LatticeSigningKey
from credentials.transparency import layout, log, mirror, notes, policy, serving, sources
from credentials.transparency.cosignatures import CosigningKey
from credentials.transparency.notes import NoteKey
from credentials.transparency.policy import Log, Policy
from credentials.transparency.record import Record, read
from credentials.transparency.sources import Folder
from credentials.transparency.witness import Book, Witness
from credentials.verification.trust import Trust
from credentials.verification.verify import verify
from exam_api.certificates import tasks
from exam_api.certificates.service import checking, institution, keys, witnessing
from exam_api.db.models.certificates import Certificate, Checkpoint, LogEntry, LogTile, StatusListVersion
from exam_api.db.session import transaction
from exam_api.errors import Invalid, IssuerKeyChanged
from exam_api.installation import Installation, Workshop
from tests.exam_api.certificates.conftest import Award

NEW = SigningKey.generate(b"the key that comes after the 1st")
SEEN = 1_800_000_000


def trusted(here: Installation) -> Policy:
    return Policy((Log(NoteKey(institution.log_origin(here), here.keyring.log.public)),))


async def fetched(client: httpx.AsyncClient, folder: Path) -> Folder:
    """All files of the log, as a mirror fetches them."""
    note = (await client.get("/log/checkpoint")).raise_for_status().text
    size = log.read_checkpoint(notes.parse(note).text).size
    for path in (layout.CHECKPOINT, *(each.path for each in layout.resources(size))):
        body = (await client.get(f"/log/{path}")).raise_for_status().content
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)
    return Folder(folder)


async def record(client: httpx.AsyncClient, here: Installation, folder: Path) -> Record:
    return read(await fetched(client, folder), trusted(here))


async def test_a_certificate_outlives_the_tables(
    award: Award, client: httpx.AsyncClient, installation: Installation, tmp_path: Path
) -> None:
    made = await award()
    await award(name="Second Person")
    file = (await client.get(f"/c/{made['id']}.json")).raise_for_status().content
    source = await fetched(client, tmp_path / "log")
    mirror.copy(source, tmp_path / "mirror", trusted(installation))
    async with transaction(installation.sessions) as session:
        for table in (Certificate, LogEntry, LogTile, Checkpoint, StatusListVersion):
            await session.execute(delete(table))
    assert (await client.get(f"/c/{made['id']}.json")).status_code == 404
    kept = read(Folder(tmp_path / "mirror"), trusted(installation))
    assert dict(kept.counts) == {"certificate": 2, "key-add": 1, "status-list": 1}
    trust = Trust(log_keys=(installation.keyring.log.public,))
    report = verify(file, trust, datetime.now(UTC), kept)
    assert (report.verdict, report.keys.outcome, report.keys.complete) == ("proven", "proven", True)


async def test_the_files_of_the_log(award: Award, client: httpx.AsyncClient, installation: Installation) -> None:
    await award()
    key = (await client.get("/log/vkey")).raise_for_status().text
    assert key == log.vkey("localhost:8000/log", installation.keyring.log.public) + "\n"
    tile = (await client.get("/log/tile/0/000.p/3")).raise_for_status()
    assert (tile.headers["content-type"], len(tile.content)) == ("application/octet-stream", 96)
    assert "max-age=31536000" in tile.headers["cache-control"]
    assert (await client.get("/log/tile/0/000.p/2")).content == tile.content[:64]
    assert (await client.get("/log/tile/0/000.p/3", headers={"if-none-match": tile.headers["etag"]})).status_code == 304
    bundle = (await client.get("/log/tile/entries/000.p/3")).raise_for_status().content
    assert [log.leaf_hash(each) for each in layout.unbundle(bundle, 3)] == [
        tile.content[at : at + 32] for at in (0, 32, 64)
    ]
    for path in ("0/000", "0/000.p/4", "0/001.p/1", "1/000.p/1", "0/0", "entries/000", "x/000", "0/000.p/0"):
        assert (await client.get(f"/log/tile/{path}")).status_code == 404, path
    async with transaction(installation.sessions) as session:
        await session.execute(update(LogEntry).where(LogEntry.index == 1).values(entry=None))
    assert "did not keep" in (await client.get("/log/tile/entries/000.p/3")).json()["detail"]
    assert (await client.get("/log/tile/entries/000.p/1")).status_code == 200


# --- witnesses ---


@pytest.fixture
def served(installation: Installation, tmp_path: Path) -> Iterator[tuple[Witness, str]]:
    """A witness of another institution, and its address."""
    key = CosigningKey("witness.example/w1", LatticeSigningKey.generate(b"the key of the witness, ML-DSA44"))
    known = NoteKey(institution.log_origin(installation), installation.keyring.log.public)
    own = Witness([key], {known.name: [known]}, Book(tmp_path / "book"))
    server = serving.witness_server(own, "127.0.0.1", 0, lambda: SEEN)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield own, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def with_witness(here: Installation, served: tuple[Witness, str]) -> Installation:
    own, url = served
    rules = policy.read(f"witness w1 {own.keys[0].public.vkey} {url}\nquorum w1\n".encode())
    return replace(here, witness_policy=rules)


async def test_a_witness_cosigns_each_checkpoint(
    award: Award, client: httpx.AsyncClient, installation: Installation, served: tuple[Witness, str]
) -> None:
    here = with_witness(installation, served)
    assert await witnessing.ask(here) == 0, "an empty log"
    await award()
    assert await witnessing.ask(installation) == 0, "nobody is named"
    for name in ("Second", "Third"):
        assert await witnessing.ask(here) == 1
        assert await witnessing.ask(here) == 0, "it has cosigned that one"
        note = (await client.get("/log/checkpoint")).text
        rules = here.witness_policy
        assert rules is not None
        found = rules.check(note, [NoteKey(institution.log_origin(here), here.keyring.log.public)])
        assert found.witnesses == {"w1": SEEN}
        await award(name=name)
    assert "witness.example" not in (await client.get("/log/checkpoint")).text, "not yet cosigned"


async def test_a_certificate_s_file_carries_the_witnesses(
    award: Award, client: httpx.AsyncClient, installation: Installation, served: tuple[Witness, str]
) -> None:
    here = with_witness(installation, served)
    made = await award()
    await witnessing.ask(here)
    file = (await client.get(f"/c/{made['id']}.json")).raise_for_status().content
    trust = Trust((), (here.keyring.log.public,), institution.log_origin(here), (), here.witness_policy)
    report = verify(file, trust, datetime.now(UTC))
    assert (report.verdict, [name for name, _ in report.log.witnesses]) == ("proven", ["w1"])


async def test_the_page_tells_the_history_and_the_witnesses_apart(award: Award, client: httpx.AsyncClient) -> None:
    made = await award()
    page = (await client.get(f"/c/{made['id']}", headers={"accept": "text/html"})).raise_for_status().text
    assert "By the log's own history the key was the issuer's" in html.unescape(page)
    assert "Nobody else has signed this state of the log." in page


async def test_a_witness_that_was_told_another_history_says_so(
    award: Award, installation: Installation, served: tuple[Witness, str], caplog: pytest.LogCaptureFixture
) -> None:
    own, _ = served
    here = with_witness(installation, served)
    await award()
    size = 40
    note = log.checkpoint(institution.log_origin(here), size, bytes(32), here.keyring.log)
    own.book.keep(institution.log_origin(here), note)
    assert await witnessing.ask(here) == 0
    assert "it was rolled back" in caplog.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://[::", "nowhere"])
async def test_a_witness_that_is_away_holds_nothing_up(
    award: Award, installation: Installation, served: tuple[Witness, str], url: str
) -> None:
    await award()
    assert await witnessing.ask(with_witness(installation, (served[0], url))) == 0


# --- the issuer's key ---


async def changed(here: Installation, last_valid: int | None) -> tuple[Installation, keys.Changed]:
    async with transaction(here.sessions) as session:
        done = await keys.change(session, here, NEW, datetime.now(UTC), last_valid)
    return replace(here, keyring=replace(here.keyring, issuer=NEW)), done


def again(workshop: Workshop, here: Installation) -> Workshop:
    return replace(workshop, here=here)


async def test_a_retired_key_s_certificates_stay_and_the_old_process_signs_no_more(
    award: Award,
    hand_in: Any,
    release: Callable[[], Any],
    workshop: Workshop,
    client: httpx.AsyncClient,
    installation: Installation,
    tmp_path: Path,
) -> None:
    made = await award()
    old = (await client.get(f"/c/{made['id']}.json")).content
    here, done = await changed(installation, None)
    assert (done.added, done.ended) == (3, 4)
    document = (await client.get("/.well-known/did.json")).json()
    assert [each.rpartition("#")[2] for each in document["assertionMethod"]] == [
        NEW.kid,
        installation.keyring.issuer.kid,
    ]
    trust = (await client.get("/trust.json")).json()
    assert trust["issuer_keys"] == [NEW.kid, installation.keyring.issuer.kid]
    script = await hand_in(name="Second Person")
    await release()
    with pytest.raises(IssuerKeyChanged):
        await tasks.issue_if_earned(workshop, script.payload)
    await tasks.issue_if_earned(again(workshop, here), script.payload)
    whole = await record(client, here, tmp_path)
    pinned = Trust((installation.keyring.issuer.public,), (here.keyring.log.public,))
    assert verify(old, pinned, datetime.now(UTC), whole).sentence.count("is stale: entry 5") == 1
    (newer,) = (await script.person.client.get("/api/me/certificates")).json()
    for url in (f"/c/{made['id']}.json", newer["file_url"]):
        report = verify((await client.get(url)).content, pinned, datetime.now(UTC), whole)
        assert (report.verdict, report.keys.outcome, report.status.outcome) == ("proven", "proven", "valid")
    async with transaction(here.sessions) as session:
        assert await checking.check(session, here) == 7


async def test_after_a_theft_the_number_in_the_log_decides(
    award: Award, client: httpx.AsyncClient, installation: Installation, tmp_path: Path
) -> None:
    early, late = await award(), await award(name="Second Person")
    late_file = (await client.get(f"/c/{late['id']}.json")).content
    here, _ = await changed(installation, 2)
    document = (await client.get("/.well-known/did.json")).json()
    assert [each.rpartition("#")[2] for each in document["assertionMethod"]] == [NEW.kid]
    assert (await client.get("/trust.json")).json()["issuer_keys"] == [NEW.kid]
    for made, verdict in ((early, "proven"), (late, "not proven")):
        file = (await client.get(f"/c/{made['id']}.json")).raise_for_status().content
        shown = (await client.post("/api/verify", content=file)).raise_for_status().json()
        assert (shown["verdict"], shown["keys"]["outcome"] == "proven") == (verdict, verdict == "proven")
    old = (await client.post("/api/verify", content=late_file)).raise_for_status().json()
    assert (old["verdict"], old["keys"]["outcome"]) == ("not proven", "failed"), "its own file did not know yet"
    report = verify(late_file, Trust((installation.keyring.issuer.public,)), datetime.now(UTC))
    assert report.verdict == "proven", "offline and without a copy nobody can know"
    whole = await record(client, here, tmp_path)
    report = verify(late_file, Trust(log_keys=(here.keyring.log.public,)), datetime.now(UTC), whole)
    assert "up to entry 2 counts" in report.sentence


@pytest.mark.parametrize("last_valid", [-2, 3, 99])
async def test_a_stolen_key_cannot_sign_what_is_still_to_come(
    award: Award, installation: Installation, last_valid: int
) -> None:
    await award()
    with pytest.raises(Invalid, match="-1"):
        await changed(installation, last_valid)


async def test_a_key_that_never_signed_is_not_replaced(installation: Installation) -> None:
    with pytest.raises(Invalid, match="nothing to replace"):
        await changed(installation, None)


async def test_an_older_log_names_its_key_for_what_was_before(
    award: Award, client: httpx.AsyncClient, installation: Installation, tmp_path: Path
) -> None:
    """As an installation that logged certificates before there were entries about keys."""
    made = await award()
    async with transaction(installation.sessions) as session:
        document = await session.scalar(select(Certificate.document))
    assert document is not None
    assert certificate.read(document).issuer_id == installation.issuer_did
    whole = await record(client, installation, tmp_path)
    assert whole.histories["issuer"].current() == (installation.keyring.issuer.public,)
    assert made["id"] in str(document["id"])
    assert sources.checkpoint(Folder(tmp_path)) == whole.note
