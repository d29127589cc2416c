"""Rows 20 to 22: sockets of every family, the outside, and the neighbour."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from sandbox.engines.base import Engine
from sandbox.hostile.meeting import meet
from sandbox.hostile.probe import Attempt, Note, Probe
from sandbox.run import run

PORT: Final = 47291  # what we look for on the host's wires
EVERYTHING: Final = 3  # ETH_P_ALL (linux/if_ether.h)

FAMILIES: Final = Attempt(
    """
    for family in (0, *range(2, 47)):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            closed(f"socket {family} {kind}", lambda: socket.socket(family, kind).close())
            closed(f"pair {family} {kind}", lambda: [one.close() for one in socket.socketpair(family, kind)])
    for protocol in (1, 255): closed(f"raw {protocol}", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol))
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        near, far = socket.socketpair(socket.AF_UNIX, kind)
        closed("out-of-band bytes", lambda: near.send(b"x", socket.MSG_OOB))
        near.send(b"honest")
        if far.recv(10) != b"honest": leak("an honest socket does not work")
    closed("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)))
    """
)
OUTSIDE: Final = Attempt(
    f"""
    places = ("1.1.1.1", "169.254.169.254", "192.0.2.1", "172.17.0.1", "10.0.0.1", "127.0.0.1", "::1", "host.docker.internal")
    for place in places:
        closed(place, lambda: socket.create_connection((place, {PORT}), timeout=0.2))
        closed(f"datagram to {{place}}", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"mark", (place, {PORT})))
        closed(f"datagram to {{place}}", lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"mark", (place, {PORT})))
    closed("names", lambda: socket.getaddrinfo("example.org", {PORT}))
    for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/systemd/private", "/run/dbus/system_bus_socket", "/dev/log"):
        closed(path, lambda: socket.socket(socket.AF_UNIX).connect(path))
    lines = open("/proc/net/dev").read().splitlines()[2:] if os.path.exists("/proc/net/dev") else []
    cards = [line.split(":")[0].strip() for line in lines]
    if set(cards) - {{"lo", "tunl0", "sit0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "ip6tnl0", "ip6gre0"}}: leak("network cards", cards)
    routes = open("/proc/net/route").read().splitlines()[1:] if os.path.exists("/proc/net/route") else []
    if routes: leak("routes", routes)
    """
)


@contextmanager
def wire_tap() -> Iterator[list[str]]:
    """What went to `PORT` on any of the host's network cards meanwhile. Raises `PermissionError` where we may not see."""
    seen, over = list[str](), threading.Event()
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(EVERYTHING))
    tap.settimeout(0.1)

    def listen() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                packet, address = tap.recvfrom(2048)
                # Ports follow the network header, of which only the length varies; looking everywhere in the first
                # bytes needs no parser, and a chance hit would at worst be a false alarm.
                if PORT.to_bytes(2, "big") in packet[20:64] and b"mark" in packet:
                    seen.append(f"{len(packet)} bytes on {address[0]}")

    ear = threading.Thread(target=listen)
    ear.start()
    try:
        yield seen
    finally:
        over.set()
        ear.join()
        tap.close()


def _no_packet(engine: Engine) -> Iterator[str]:
    try:
        with wire_tap() as seen:
            yield from OUTSIDE.problems(run(OUTSIDE.job(), engine))
    except OSError as error:
        yield Note(f"the host's wires could not be watched: {error.strerror}")
        return
    yield from (f"a packet left: {one}" for one in seen)


def _cannot_meet(engine: Engine) -> Iterator[str]:
    """One listens wherever it can, the other knocks there."""
    doors = '("\\0invigil-meeting", "/tmp/meeting", "/dev/shm/meeting", "/work/meeting")'
    yield from meet(
        engine,
        f"""
        ears = []
        for door in {doors}:
            ears.append(socket.socket(socket.AF_UNIX))
            ears[-1].bind(door)
            ears[-1].listen()
            ears[-1].setblocking(False)
        tell("listening")
        hear()
        for ear in ears: closed("a visitor", ear.accept)
        tell("bye")
        """,
        f"""
        hear()
        for door in {doors}: closed(door, lambda: socket.socket(socket.AF_UNIX).connect(door))
        if b"invigil-meeting" in open("/proc/net/unix", "rb").read(): leak("the other's socket is listed")
        tell("knocked")
        hear()
        """,
    )


PROBES: Final = (
    Probe(
        20,
        "sockets of every family",
        "Open sockets of every family but unix: internet, raw, packet, netlink, algorithms, virtual machines, radio.",
        "None opens.",
        (FAMILIES,),
    ),
    Probe(
        21,
        "call out",
        "Reach the internet, the cloud's metadata, the host, the engine, names, itself.",
        "Nothing is reached, and no packet is seen on the host.",
        scenario=_no_packet,
    ),
    Probe(
        22,
        "two programs meet",
        "One candidate listens on unix sockets, named and abstract; another, at the same time, knocks.",
        "They cannot meet.",
        scenario=_cannot_meet,
    ),
)
