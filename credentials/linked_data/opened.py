"""Canonical N-Quads of any JSON-LD document with contexts of its own, without anything getting lost on the way.

JSON-LD processors drop what no context defines, and what is dropped is not signed. Data Integrity 1.0 (section 4, data loss
detection) asks for an error instead. Contexts come from a closed table or stand in the document; nothing is fetched.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from pyld import jsonld
from pyld.context_resolver import ContextResolver

from credentials.canonical import Json, JsonObject, check
from credentials.errors import Malformed, UndefinedTerm
from credentials.linked_data import vocabularies
from credentials.linked_data.contexts import VC
from credentials.linked_data.jsonld import MAX_BLANK_NODES, MAX_SYMMETRY, MAX_VALUES, orders

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
_UNDEFINED = "undefined:"  # a word without meaning expands to this instead of vanishing
_RELATIVE = "https://relative.invalid/"  # so does an identifier that is not a full IRI
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")
_KEYWORDS = {"@context", "@id", "@type", "@value", "@language", "@direction"}
_IN_TERM = {"@id", "@type", "@container", "@context", "@language", "@direction", "@protected"}
_IN_CONTEXT = {"@version", "@vocab", "@language", "@direction", "@protected"}
_CONTAINERS = {"@set", "@list", "@language", "@graph"}  # the others hide their keys from the signature


def is_url(text: object) -> TypeGuard[str]:
    """Whether this is one absolute URL (VCDM 2.0 section 4.4), such as `https://…`, `did:…`, `urn:…`."""
    return isinstance(text, str) and _IRI.fullmatch(text) is not None


class OpenVocabulary:
    """A closed table of contexts by URL, which documents may extend by contexts written inside them."""

    def __init__(self, table: Mapping[str, JsonObject]) -> None:
        self.table = table
        self._cache: dict[str, Any] = {}
        self._lock = threading.Lock()  # PyLD keeps a processing cache inside each resolved context

    def canonical(self, document: JsonObject) -> str:
        """The canonical N-Quads (RDFC-1.0) of a document, base directions as i18n datatypes.

        Raises UndefinedTerm where a word or identifier would be dropped, Malformed for any other refused shape. The
        credentials inside a presentation begin with no word defined, so each is also looked at alone.
        """
        check(document)
        ready = _prepared(document)
        inner = _inner(ready)
        outer = {name: value for name, value in ready.items() if name != "verifiableCredential"} if inner else ready
        with self._lock:
            try:
                for each in (outer, *inner):
                    check_shape(each)
                    _check_meaning(jsonld.expand(each, self._options()))
                quads = jsonld.normalize(
                    ready, {**self._options(), "algorithm": "URDNA2015", "format": "application/n-quads"}
                )
            except jsonld.JsonLdError as reason:
                raise Malformed(f"the document is not sound JSON-LD: {_first_cause(reason)}") from reason
        if not quads:
            raise Malformed("the document states nothing")
        return str(quads)

    def _options(self) -> dict[str, Any]:
        return {
            "base": _RELATIVE,
            "expandContext": {"@vocab": _UNDEFINED},
            "processingMode": "json-ld-1.1",
            "rdfDirection": "i18n-datatype",
            "documentLoader": self._load,
            "contextResolver": ContextResolver(_Shared(self._cache), self._load),
        }

    def _load(self, url: str, _options: Any) -> JsonObject:
        if url not in self.table:
            raise Malformed(f"the vocabulary {url[:120]!r} is not one that we know")
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "tag": "static",  # so that PyLD keeps it under its address
            "document": self.table[url],
        }


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
        return _UNDEFINED
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
    """Refuse what costs too much, and what canonicalization would silently lose: null, empty lists, other keywords.

    Raises UndefinedTerm, Malformed.
    """
    blank, symmetry = 0, 1
    for values, item in enumerate(_parts(document)):
        if isinstance(item, dict):
            blank += not ({"id", "@id", "@value"} & set(item))
        elif isinstance(item, list):
            symmetry *= orders(item)
        if values > MAX_VALUES or blank > MAX_BLANK_NODES or symmetry > MAX_SYMMETRY:
            raise Malformed("the document is larger or more entangled than any credential is")


def _parts(document: JsonObject) -> Iterator[Json]:
    """Every value in the document but its contexts, refused where it would get lost."""
    waiting: list[Json] = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            _check_names(item)
            waiting.extend(value for name, value in item.items() if name != "@context")
        elif isinstance(item, list):
            if not item:
                raise UndefinedTerm("an empty list says nothing and would not be signed")
            waiting.extend(item)
        else:
            _check_value(item)
        yield item


def _check_names(item: JsonObject) -> None:
    for name in item:
        if not name or (name.startswith("@") and name not in _KEYWORDS):
            raise UndefinedTerm(f"{name[:80]!r} is not a word that a signature would cover")
    if "@language" in item and not (isinstance(item["@language"], str) and _LANGUAGE.fullmatch(item["@language"])):
        raise Malformed("a language is named by its tag, such as en or pt-BR")


def _check_value(item: Json) -> None:
    if item is None:
        raise UndefinedTerm("a null says nothing and would not be signed")
    if isinstance(item, float):
        raise Malformed("a fraction must be written as text: readers print floating-point numbers differently")
    if isinstance(item, str) and (item.startswith("_:") or _CONTROL.search(item)):
        raise Malformed("a text begins like a blank node or holds a control character")


def _check_meaning(expanded: Json) -> None:
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
    text = str(iri)
    if text.startswith(_UNDEFINED):
        raise UndefinedTerm(f"the vocabulary does not define {text.removeprefix(_UNDEFINED)[:80]!r}")
    if text.startswith(_RELATIVE) or not is_url(iri):
        raise UndefinedTerm(f"{text.removeprefix(_RELATIVE)[:80]!r} is not a full address")


def _first_cause(error: BaseException) -> str:
    cause = error.__cause__ or getattr(error, "cause", None)
    return _first_cause(cause) if isinstance(cause, BaseException) else str(error).split("\n", 1)[0][:160]
