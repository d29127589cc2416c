"""Saving: every answer gets a receipt that proves it, once, in order, from the live device only."""

import asyncio
from uuid import UUID

from credentials.attempt.receipts import verify_file
from credentials.keys.ed25519 import PublicKey
from exam_api.db.models.attempts import Attempt
from exam_api.db.session import transaction
from exam_api.installation import Installation
from loadtests.device import Device, digest
from tests.exam_api.sitting import Sit

RAIN = {"text": "because it rains"}


async def test_a_save_returns_a_receipt_that_the_file_proves_again(sit: Sit) -> None:
    sitter = await sit()
    await sitter.device.save("first", {"choice": ["a"]})
    await sitter.device.save("second", RAIN)
    await sitter.device.submit()
    file = (await sitter.person.client.get(sitter.path("/receipts"))).raise_for_status().json()
    chain = verify_file(file, [PublicKey.from_multikey(file["keys"][0])])
    assert [body.item for body in chain.receipts] == ["first", "second"]
    assert chain.sealed_at is not None
    assert chain.head == sitter.device.head


async def test_the_same_save_twice_is_one_and_another_answer_is_refused(sit: Sit) -> None:
    sitter = await sit()
    body = {"seq": 1, "item": "second", "answer": RAIN}
    first = await sitter.device.send("POST", sitter.path("/responses"), body)
    again = await sitter.device.send("POST", sitter.path("/responses"), body)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    other = await sitter.device.send("POST", sitter.path("/responses"), {**body, "answer": {"text": "no"}})
    assert (other.status_code, other.json()["code"]) == (409, "sequence-conflict")


async def test_a_gap_names_the_number_it_expects(sit: Sit) -> None:
    sitter = await sit()
    answer = await sitter.device.send("POST", sitter.path("/responses"), {"seq": 3, "item": "second", "answer": RAIN})
    assert (answer.status_code, answer.json()["code"], answer.json()["expected"]) == (409, "sequence-gap", 1)


async def test_what_is_no_answer_to_the_item_is_refused_and_changes_nothing(sit: Sit) -> None:
    sitter = await sit()
    for item, answer, status in (
        ("nowhere", RAIN, 404),
        ("first", {"choice": ["z" * 500]}, 422),
        ("first", RAIN, 422),
        ("second", {"text": "a\x00b"}, 422),
        ("second", {"text": 5}, 422),
        ("second", {}, 422),
    ):
        sent = await sitter.device.send("POST", sitter.path("/responses"), {"seq": 1, "item": item, "answer": answer})
        assert sent.status_code == status, (item, answer, sent.text)
    assert (await sitter.device.open_paper())["seq"] == 0


async def test_a_token_is_worth_nothing_without_its_key(sit: Sit) -> None:
    sitter = await sit()
    thief = Device(sitter.person.client, sitter.attempt, token=sitter.device.token, nonce=sitter.device.nonce)
    stolen = await thief.send("POST", sitter.path("/responses"), {"seq": 1, "item": "second", "answer": RAIN}, tries=1)
    assert (stolen.status_code, stolen.json()["code"]) == (401, "token-not-valid")


async def test_a_proof_works_once(sit: Sit) -> None:
    sitter = await sit()
    path, body = sitter.path("/responses"), {"seq": 1, "item": "second", "answer": RAIN}
    headers = {
        "DPoP": sitter.device.proof("POST", path, sitter.device.token),
        "Authorization": f"DPoP {sitter.device.token}",
    }
    assert (await sitter.person.client.post(path, json=body, headers=headers)).status_code == 201
    replayed = await sitter.person.client.post(path, json={**body, "seq": 2}, headers=headers)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "proof-replayed")


async def test_a_proof_is_for_one_request(sit: Sit) -> None:
    sitter = await sit()
    path = sitter.path("/responses")
    for proof in (
        sitter.device.proof("GET", path, sitter.device.token),
        sitter.device.proof("POST", sitter.path("/submit"), sitter.device.token),
        sitter.device.proof("POST", path, "another token"),
        "garbage",
        "",
    ):
        headers = {"DPoP": proof, "Authorization": f"DPoP {sitter.device.token}"}
        answer = await sitter.person.client.post(
            path, json={"seq": 1, "item": "second", "answer": RAIN}, headers=headers
        )
        assert answer.status_code == 401


async def test_the_attempt_moves_to_another_device_and_the_first_is_told(sit: Sit) -> None:
    sitter = await sit()
    await sitter.device.save("second", RAIN)
    other = Device(sitter.person.client, sitter.attempt)
    await other.sign("hand-over", sitter.person.authenticator)
    paper = await other.open_paper()
    assert paper["answers"]["second"]["answer"] == RAIN
    await other.save("first", {"choice": ["b"]})
    late = await sitter.device.send("POST", sitter.path("/responses"), {"seq": 3, "item": "second", "answer": RAIN})
    assert (late.status_code, late.json()["code"]) == (409, "device-replaced")
    assert digest(other.jwk()) != digest(sitter.device.jwk())


async def test_a_save_that_knows_its_place_and_one_that_does_not_make_one_chain(sit: Sit) -> None:
    sitter = await sit()
    path = sitter.path("/responses")
    for seq in range(1, 7):
        body = {"seq": seq, "item": "second", "answer": {"text": f"answer {seq}"}}
        if seq % 2:
            body["previous"] = sitter.device.head
        receipt = (await sitter.device.send("POST", path, body)).raise_for_status().json()
        sitter.device.verify(receipt, "second", {"text": f"answer {seq}"})
        sitter.device.seq, sitter.device.head = seq, digest(receipt)
    await sitter.device.submit()
    file = (await sitter.person.client.get(sitter.path("/receipts"))).raise_for_status().json()
    assert len(verify_file(file, [PublicKey.from_multikey(file["keys"][0])]).receipts) == 6


async def test_what_stands_in_the_way_is_said_also_where_the_place_is_known(
    sit: Sit, installation: Installation
) -> None:
    sitter = await sit()
    path = sitter.path("/responses")
    await sitter.device.save("second", RAIN)  # from here on this process knows the attempt
    again = {"seq": 1, "previous": "x", "item": "second", "answer": RAIN}
    assert (await sitter.device.send("POST", path, again)).status_code == 201
    for change, code in (
        ({"answer": {"text": "no"}}, "sequence-conflict"),
        ({"seq": 9}, "sequence-gap"),
        ({"seq": 2}, "sequence-gap"),  # the right number, the wrong link
    ):
        refused = await sitter.device.send("POST", path, {**again, **change})
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    async with transaction(installation.sessions) as session:
        attempt = await session.get_one(Attempt, UUID(sitter.attempt))
        attempt.ends_at = attempt.started_at
    late = {"seq": 2, "previous": sitter.device.head, "item": "second", "answer": RAIN}
    refused = await sitter.device.send("POST", path, late)
    assert (refused.status_code, refused.json()["code"]) == (409, "time-is-up")


async def test_of_many_saves_with_one_number_one_is_kept(sit: Sit) -> None:
    sitter = await sit()
    await sitter.device.save("second", RAIN)
    bodies = [
        {"seq": 2, "previous": sitter.device.head, "item": "second", "answer": {"text": str(n)}} for n in range(20)
    ]
    sent = await asyncio.gather(*(sitter.device.send("POST", sitter.path("/responses"), body) for body in bodies))
    assert sorted(answer.status_code for answer in sent) == [201] + [409] * 19


async def test_saves_of_many_at_the_same_moment_make_each_their_own_chain(sit: Sit) -> None:
    sitters = await asyncio.gather(*(sit() for _ in range(5)))
    for number in range(4):
        said = {"text": f"at the same moment, {number}"}
        await asyncio.gather(*(sitter.device.save("second", said) for sitter in sitters))
    for sitter in sitters:
        await sitter.device.submit()
        file = (await sitter.person.client.get(sitter.path("/receipts"))).raise_for_status().json()
        assert len(verify_file(file, [PublicKey.from_multikey(file["keys"][0])]).receipts) == 4


async def test_whoever_waits_for_a_lock_waits_alone(sit: Sit, installation: Installation) -> None:
    held, free = await sit(), await sit()
    for sitter in (held, free):
        await sitter.device.save("second", RAIN)
    async with transaction(installation.sessions) as session:
        await session.get_one(Attempt, UUID(held.attempt), with_for_update=True)
        waiting = asyncio.create_task(held.device.save("second", {"text": "held"}))
        for number in range(3):
            await asyncio.wait_for(free.device.save("second", {"text": f"free {number}"}), 10)
        assert not waiting.done()
    assert (await waiting)["seq"] == 2


async def test_one_proof_for_two_saves_at_once_keeps_one(sit: Sit) -> None:
    sitter = await sit()
    await sitter.device.save("second", RAIN)
    path = sitter.path("/responses")
    headers = {
        "DPoP": sitter.device.proof("POST", path, sitter.device.token),
        "Authorization": f"DPoP {sitter.device.token}",
    }
    bodies = [{"seq": 2, "previous": sitter.device.head, "item": "second", "answer": {"text": word}} for word in "ab"]
    sent = await asyncio.gather(*(sitter.person.client.post(path, json=body, headers=headers) for body in bodies))
    assert sorted(answer.status_code for answer in sent) == [201, 401]
