"""The way to other issuers: it fetches what they publish, and cannot be turned against our own networks."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_api import strangers
from exam_api.strangers import MOST, NotFetched, Strangers, is_public
from tests.exam_api.other_server import HOST, Site, running

URL = f"https://{HOST}/keys"


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as found:
        yield found


async def test_documents_come_from_the_very_address_under_their_own_name(site: Site) -> None:
    site.files |= {"/keys?a=1": {"keys": []}, "/list": b"  eyJh.eyJi.c\n"}
    found = await site.strangers.fetch([f"{URL}?a=1", f"https://{HOST}/list#part", f"https://{HOST}/none"])
    assert found == {f"{URL}?a=1": {"keys": []}, f"https://{HOST}/list#part": "eyJh.eyJi.c"}
    assert set(site.asked) == {(HOST, "/keys?a=1"), (HOST, "/list"), (HOST, "/none")}
    assert site.names == [HOST] * 3  # each name is looked up once


@pytest.mark.parametrize(
    "address",
    [
        "http://college.example/keys",
        "https://college.example:8443/keys",
        "https://college.example:22/keys",
        "https://user:secret@college.example/keys",
        "https://college.example\\@127.0.0.1/keys",
        "https://college.example/ke ys",
        "https://college.example:x/keys",
        "https:///keys",
        "file:///etc/passwd",
        "ftp://college.example/keys",
        "",
    ],
)
async def test_other_addresses_are_not_even_looked_up(site: Site, address: str) -> None:
    assert await site.strangers.fetch([address]) == {}
    assert site.names == []


@pytest.mark.parametrize(
    "answer",
    [
        (302, {"location": "https://169.254.169.254/latest/meta-data"}),
        (301, {"location": f"https://{HOST}/other"}),
        (500, {}),
        (204, {}),
        b"<!doctype html><title>Welcome</title>",
        b"[1, 2]",
        b'{"a": 1, "a": 2}',
        b'{"a": "' + b"x" * MOST + b'"}',
        b"",
    ],
)
async def test_what_is_no_document_is_left_there(site: Site, answer: object) -> None:
    site.files |= {"/keys": answer, "/other": {"keys": []}}
    assert await site.strangers.fetch([URL]) == {}
    assert [path for _, path in site.asked] == ["/keys"]


async def test_who_answers_must_prove_the_name(site: Site) -> None:
    site.files["/keys"] = {"keys": []}
    assert await site.strangers.fetch(["https://bank.example/keys"]) == {}
    assert site.asked == []  # the handshake failed


async def test_one_inner_address_among_many_is_enough_to_stay_away(site: Site) -> None:
    public = ipaddress.ip_address("203.0.114.7")

    async def both(_: str, __: int) -> list[strangers.Address]:
        return [public, ipaddress.ip_address("10.0.0.5")]

    with pytest.raises(NotFetched, match="not on the internet"):
        await replace(site.strangers, resolve=both, permitted=is_public)._where(HOST)

    async def nothing(_: str, __: int) -> list[strangers.Address]:
        return []

    assert await replace(site.strangers, resolve=nothing).fetch([URL]) == {}


async def test_a_server_that_says_nothing_does_not_hold_us(site: Site) -> None:
    began = asyncio.get_running_loop().time()
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections and never says a word
        assert await replace(site.strangers, port=silent.getsockname()[1], seconds=0.3).fetch([URL]) == {}
    assert asyncio.get_running_loop().time() - began < 2


async def test_no_more_than_a_few_are_asked_for_one_file(site: Site) -> None:
    site.files |= {f"/{number}": {"n": number} for number in range(9)}
    found = await site.strangers.fetch(f"https://{HOST}/{number}" for number in range(9))
    assert len(found) == strangers.AT_ONCE == len(site.asked)


INNER = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.2.1", "198.18.0.1",
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1",
    "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "2001:db8::1", "64:ff9b:1::a00:1",
]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_no_way_of_writing_makes_an_inner_address_public(address: ipaddress.IPv4Address) -> None:
    assert not is_public(address)
    assert not is_public(ipaddress.IPv6Address(f"::ffff:{address}"))
    assert not is_public(ipaddress.IPv6Address(f"64:ff9b::{address}"))


async def test_the_real_resolver_and_the_real_rule_refuse_this_machine() -> None:
    assert await Strangers().fetch(["https://localhost/keys", "https://127.0.0.1/keys", "https://[::1]/keys"]) == {}
