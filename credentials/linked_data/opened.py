"""Canonical N-Quads of any JSON-LD document with contexts of its own, without anything getting lost on the way.

JSON-LD processors drop what no context defines, and what is dropped is not signed. Data Integrity 1.0 (section 4, data loss
detection) asks for an error instead. Contexts come from a closed table or stand in the document; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from credentials.canonical import Json, JsonObject, check
from credentials.errors import Malformed, UndefinedTerm
from credentials.linked_data import processing, vocabularies
from credentials.linked_data.contexts import VC
from credentials.linked_data.processing import UNDEFINED, Processor, check_meaning

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"

# SHA-256 and SHA-384 of the two editions of the base context that were published at its address: the Candidate
# Recommendation's (July 2024 to February 2025) and the Recommendation's.
DIGESTS: Mapping[str, tuple[str, ...]] = {
    VC: (
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        "97f1eb8e5042356c805fdd61afa2c557663785e0794dcafa21e138fd38def18cb360133c221aa31d6896a6bf3e65b614",
        "24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9",
        "35239c36999d2155312091af194a1edb61634d6ad789a5e5b19f2aebdd762dd9d1dcaada40eda7ef921c6b8c0ae107a0",
    )
}

TABLE: Mapping[str, JsonObject] = {
    **vocabularies.TABLE,
    EXAMPLES: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}},
}

MAX_CONTEXTS = 20
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_IDENTIFIED = frozenset({"id", "@id", "@value"})
_KEYWORDS = {"@context", "@id", "@type", "@value", "@language", "@direction"}
_IN_TERM = {"@id", "@type", "@container", "@context", "@language", "@direction", "@protected"}
_IN_CONTEXT = {"@version", "@vocab", "@language", "@direction", "@protected"}
_CONTAINERS = {"@set", "@list", "@language", "@graph"}  # the others hide their keys from the signature


def is_url(text: object) -> TypeGuard[str]:
    """Whether this is one absolute URL (VCDM 2.0 section 4.4), such as `https://…`, `did:…`, `urn:…`."""
    return isinstance(text, str) and _IRI.fullmatch(text) is not None


class OpenVocabulary(Processor):
    """A closed table of contexts by URL, which documents may extend by contexts written inside them."""

    def canonical(self, document: JsonObject) -> str:
        """The canonical N-Quads (RDFC-1.0) of a document, base directions as i18n datatypes.

        Raises UndefinedTerm where a word or identifier would be dropped, Malformed for any other refused shape. The
        credentials inside a presentation begin with no word defined, so each is also looked at alone.
        """
        check(document)
        ready = _prepared(document)
        inner = _inner(ready)
        if not inner:
            return self.quads(self._meant(ready))
        for each in ({name: value for name, value in ready.items() if name != "verifiableCredential"}, *inner):
            self._meant(each)
        return self.quads(ready)

    def _known(self) -> dict[str, Any]:
        return _Shared(self._cache)

    def _meant(self, document: JsonObject) -> Json:
        """The expansion of a document in which nothing gets lost."""
        check_shape(document)
        expanded = self.expanded(document)
        _check_expansion(expanded)
        return expanded


class _Shared(dict[str, Any]):
    """A copy of the cache that gives back what it learns about addresses. Contexts from inside strangers' documents, whose
    key is their text, would otherwise stay for ever.
    """

    def __init__(self, shared: dict[str, Any]) -> None:
        super().__init__(shared)
        self._shared = shared

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        if key.startswith("https://"):
            self._shared[key] = value


OPEN = OpenVocabulary(TABLE)


def _inner(document: JsonObject) -> list[JsonObject]:
    found = document.get("verifiableCredential")
    listed = found if isinstance(found, list) else [] if found is None else [found]
    if not all(isinstance(each, dict) for each in listed):
        raise Malformed("a presentation holds credentials as objects, not as texts or numbers")
    return listed


def _prepared(document: JsonObject) -> JsonObject:
    """The same document with its contexts made safe: no word can be defined as nothing, none can bring another base."""
    ready: Json = _with_safe_contexts(document)
    return ready  # type: ignore[no-any-return]  # an object stays one


def _with_safe_contexts(item: Json) -> Json:
    if isinstance(item, list):
        return [_with_safe_contexts(each) for each in item]
    if not isinstance(item, dict):
        return item
    return {
        name: _contexts(value) if name == "@context" else _with_safe_contexts(value) for name, value in item.items()
    }


def _contexts(found: Json) -> Json:
    listed = found if isinstance(found, list) else [found]
    if not listed or len(listed) > MAX_CONTEXTS:
        raise Malformed(f"'@context' names one to {MAX_CONTEXTS} contexts")
    return [_context(each) for each in listed]


def _context(found: Json) -> Json:
    if isinstance(found, str) and is_url(found):
        return found
    if isinstance(found, dict) and set(found) == {"@context"}:
        return _context(found["@context"])
    if not isinstance(found, dict):
        raise Malformed("each context is an address or an object")
    return {name: _definition(name, value) for name, value in found.items()}


def _definition(name: str, value: Json) -> Json:
    if name == "@vocab" and value is None:
        return UNDEFINED
    if name.startswith("@"):
        if name not in _IN_CONTEXT or not isinstance(value, str | bool | int | float):
            raise UndefinedTerm(f"a context inside a document may not say {name[:40]!r} in this way")
        return value
    if isinstance(value, str):
        return value
    if not isinstance(value, dict) or value.get("@id", "") is None:
        raise UndefinedTerm(f"the context defines {name[:80]!r} as nothing, so it would not be signed")
    containers = value.get("@container", [])
    named = containers if isinstance(containers, list) else [containers]
    if set(value) - _IN_TERM or not all(each in _CONTAINERS for each in named):
        raise UndefinedTerm(f"the context defines {name[:80]!r} in a way that signatures may not cover")
    if "@context" in value:
        return {**value, "@context": _contexts(value["@context"])}
    return value


def check_shape(document: JsonObject) -> None:
    """Refuse what costs too much, and what canonicalization would silently lose. Raises UndefinedTerm, Malformed."""
    processing.check_shape(
        _without_contexts(document), what="credential", identified=_IDENTIFIED, check_names=_check_names
    )


def _without_contexts(item: Json) -> Json:
    if isinstance(item, list):
        return [_without_contexts(each) for each in item]
    if not isinstance(item, dict):
        return item
    return {name: _without_contexts(value) for name, value in item.items() if name != "@context"}


def _check_names(item: JsonObject) -> None:
    for name in item:
        if not name or (name.startswith("@") and name not in _KEYWORDS):
            raise UndefinedTerm(f"{name[:80]!r} is not a word that a signature would cover")
    if "@language" in item and not (isinstance(item["@language"], str) and _LANGUAGE.fullmatch(item["@language"])):
        raise Malformed("a language is named by its tag, such as en or pt-BR")


def _check_expansion(expanded: Json) -> None:
    """Refuse an expansion in which some word had no meaning, some identifier was no full IRI, or one was described twice
    in one graph (`credentials.linked_data.jsonld` says why).
    """
    graphs: list[Json] = [expanded]
    while graphs:
        waiting, described = [graphs.pop()], set()
        while waiting:
            item = waiting.pop()
            if isinstance(item, list):
                waiting.extend(item)
            elif isinstance(item, dict):
                if len(item) > 1 and "@id" in item:
                    if item["@id"] in described:
                        raise Malformed(f"{str(item['@id'])[:80]!r} is described twice")
                    described.add(item["@id"])
                _check_iris(item)
                graphs.extend(value for name, value in item.items() if name == "@graph")
                waiting.extend(value for name, value in item.items() if name != "@graph")


def _check_iris(item: JsonObject) -> None:
    for name, value in item.items():
        if not name.startswith("@"):
            _check_iri(name)
        if name in {"@id", "@type"} and "@value" not in item:
            for iri in value if isinstance(value, list) else [value]:
                _check_iri(iri)


def _check_iri(iri: Json) -> None:
    check_meaning(str(iri))
    if not is_url(iri):
        raise UndefinedTerm(f"{str(iri)[:80]!r} is not a full address")
