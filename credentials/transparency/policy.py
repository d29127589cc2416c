"""Whose word makes a checkpoint believable (c2sp.org/tlog-policy): logs, witnesses, groups of them, and a quorum.

log <vkey> [<url>]
witness <name> <vkey> [<url>]
group <name> <k|any|all> <name>…
quorum <name|none>
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from credentials.errors import CredentialError, Malformed, NotProven
from credentials.transparency import notes
from credentials.transparency.cosignatures import Cosigner, verifier
from credentials.transparency.log import Checkpoint, read_checkpoint
from credentials.transparency.notes import NoteKey, Verifier

MAX_BYTES = 1024 * 1024  # an ML-DSA-44 key has 1.8 kB as text; 32 logs and 32 witnesses must be accepted
_NONE = "none"
_BLANK = re.compile(r"[ \t]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True)
class Log:
    """A log whose checkpoints count: its origin is the key's name."""

    key: Verifier
    url: str | None = None


@dataclass(frozen=True)
class Witness:
    """A witness; `url` is where it takes checkpoints (its submission prefix)."""

    key: Cosigner
    url: str | None = None


@dataclass(frozen=True)
class Group:
    """Counts as one that has witnessed where `least` of its members have."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint that a policy accepts: the witnesses that cosigned it, and when (seconds since 1970)."""

    head: Checkpoint
    witnesses: Mapping[str, int]


@dataclass(frozen=True)
class Policy:
    """A read policy. `quorum` None: no witness is asked for."""

    logs: tuple[Log, ...] = ()
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str | None = None

    def check(self, checkpoint: str, logs: Collection[Verifier] = ()) -> Witnessed:
        """What a checkpoint proves under this policy; `logs` are further keys whose logs count.

        Raises Malformed; NotProven: "checkpoint" where no known log signed it, "witnesses" where too few did.
        """
        note = notes.parse(checkpoint)
        head = read_checkpoint(note.text)
        keys = [each for each in (*(log.key for log in self.logs), *logs) if each.name == head.origin]
        signed = [key for key, _ in notes.proven(note, keys)]
        if not signed:
            raise NotProven("checkpoint", f"no key that we trust for {head.origin[:80]!r} signed it")
        times = self.cosigned(checkpoint)
        if self.quorum is not None and not self._holds(self.quorum, times):
            who = ", ".join(sorted(times)) or "nobody"
            raise NotProven("witnesses", f"the policy asks for {self.quorum!r}, but only {who} cosigned it")
        signers = tuple(key.key.multikey for key in signed if isinstance(key, NoteKey))
        return Witnessed(replace(head, signers=signers), times)

    def cosigned(self, checkpoint: str) -> dict[str, int]:
        """The witnesses of this policy that cosigned it, and when. Raises NotProven for a forged one."""
        names = {(each.key.name, each.key.key_id): name for name, each in self.witnesses.items()}
        found = notes.proven(notes.parse(checkpoint), [each.key for each in self.witnesses.values()])
        return {names[key.name, key.key_id]: when for key, when in found if when is not None}

    def satisfied(self, names: Collection[str]) -> bool:
        """Whether these witnesses together are the quorum."""
        return self.quorum is None or self._holds(self.quorum, names)

    def _holds(self, name: str, names: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in names
        return sum(self._holds(member, names) for member in group.members) >= group.least


def read(document: bytes) -> Policy:
    """Read a policy file, strictly. Raises Malformed with the line's number."""
    if len(document) > MAX_BYTES:
        raise Malformed(f"a policy has at most {MAX_BYTES:,} bytes")
    text = document.decode("utf-8", "surrogateescape")  # names are opaque bytes
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), start=1):
        words = _BLANK.split(line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        try:
            if _FORBIDDEN.search(line):
                raise Malformed("it has a control character")
            reading.take(words)
        except CredentialError as reason:
            raise Malformed(f"line {number} of the policy: {reason}") from reason
    if not reading.decided:
        raise Malformed("a policy has exactly one quorum line; this has none")
    return Policy(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)


def write(found: Policy) -> str:
    """The policy as a file, in one form: what a log announces of itself."""
    lines = [_line("log", each.key.vkey, each.url) for each in found.logs]
    lines += [_line("witness", name, each.key.vkey, each.url) for name, each in found.witnesses.items()]
    lines += [_line("group", name, str(each.least), *each.members) for name, each in found.groups.items()]
    return "\n".join([*lines, _line("quorum", found.quorum or _NONE)]) + "\n"


def _line(*words: str | None) -> str:
    return " ".join(word for word in words if word is not None)


class _Reading:
    """What stood on the lines so far."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self.decided = False
        self._members: set[str] = set()
        self._keys: set[tuple[str, str]] = set()

    def take(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) < 2:
                self.logs.append(Log(self._key("log", vkey), *url))
            case ["witness", name, vkey, *url] if len(url) < 2:
                key = self._key("witness", vkey)
                if not isinstance(key, Cosigner):
                    raise Malformed("a witness's key is one for cosignatures (type 0x04 or 0x06)")
                self.witnesses[self._new(name)] = Witness(key, *url)
            case ["group", name, count, first, *more]:
                self._group(name, count, (first, *more))
            case ["quorum", name]:
                if self.decided:
                    raise Malformed("a policy has exactly one quorum line")
                self.quorum = None if name == _NONE else self._known(name)
                self.decided = True
            case _:
                raise Malformed("it is not a log, a witness, a group or a quorum as a policy writes them")

    def _group(self, name: str, count: str, members: tuple[str, ...]) -> None:
        for member in members:
            if self._known(member) in self._members:
                raise Malformed(f"{member!r} is a member already; it would count twice")
            self._members.add(member)
        numbers = {"any": 1, "all": len(members)}
        least = numbers.get(count, int(count) if _COUNT.fullmatch(count) else 0)
        if not 1 <= least <= len(members):
            raise Malformed(f"a group of {len(members)} cannot ask for {count[:20]!r} of them")
        self.groups[self._new(name)] = Group(least, members)

    def _new(self, name: str) -> str:
        if name == _NONE or name in self.witnesses or name in self.groups:
            raise Malformed(f"the name {name!r} is taken")
        return name

    def _known(self, name: str) -> str:
        if name not in self.witnesses and name not in self.groups:
            raise Malformed(f"{name!r} is not defined on a line before")
        return name

    def _key(self, kind: str, vkey: str) -> Verifier:
        try:
            vkey.encode()
        except UnicodeEncodeError as reason:
            raise Malformed("the name in a verifier key is not UTF-8") from reason
        key, public = verifier(vkey), notes.read_vkey(vkey)[2]
        if (kind, public.hex()) in self._keys:
            raise Malformed(f"this {kind}'s key stands there already")
        self._keys.add((kind, public.hex()))
        return key
