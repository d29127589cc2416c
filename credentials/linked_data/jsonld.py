"""Canonical N-Quads of a document that a stranger may have written (RDF Dataset Canonicalization 1.0).

PyLD drops what its contexts do not define, fetches contexts from the network, shares one context cache between all
callers, and has no limit against inputs made to exhaust it. None of that may reach a signature: words are checked,
contexts come from a closed table, each table has its own cache, and the shape is limited before PyLD sees it.
"""

from __future__ import annotations

import math
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pyld import jsonld
from pyld.context_resolver import ContextResolver

from credentials.canonical import Json, JsonObject, check
from credentials.errors import Malformed, UndefinedTerm, UnknownVocabulary
from credentials.linked_data import contexts

MAX_BLANK_NODES = 64
MAX_VALUES = 2_000
MAX_SYMMETRY = 5_040  # 7!: the orders in which unnamed siblings could have to be tried
UNDEFINED = "undefined:"  # a word without meaning expands to this instead of vanishing
_RELATIVE = "https://relative.invalid/"  # so does an identifier that is not a full IRI
# Canonical N-Quads escape only these two alike in URDNA2015 (PyLD) and in RDFC-1.0; other control characters differ.
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")


class Vocabulary:
    """A closed table of contexts by URL. Nothing outside it is ever loaded.

    `nested`: an object inside may name contexts of the table once more, as a credential inside a record does, and one
    context needs no list. `twice`: the types of which one identifier may be described more than once.
    """

    def __init__(
        self, table: Mapping[str, JsonObject], *, nested: bool = False, twice: frozenset[str] = frozenset()
    ) -> None:
        self.table = table
        self.nested = nested
        self.twice = twice
        self._cache: dict[str, Any] = {}
        self._lock = threading.Lock()  # PyLD keeps a processing cache inside each resolved context

    def canonical(self, document: JsonObject) -> str:
        """The canonical N-Quads of a JSON-LD document whose `@context` is a list of URLs from the table.

        Raises UndefinedTerm where a word or identifier would be dropped, Malformed for any other refused shape.
        """
        check(document)
        self._check_contexts(document)
        _check_shape(self._without_contexts(document))
        with self._lock:
            try:
                expanded = jsonld.expand(document, self._options())
                _check_meaning(expanded, self.twice)
                quads = jsonld.normalize(
                    expanded, {**self._options(), "algorithm": "URDNA2015", "format": "application/n-quads"}
                )
            except jsonld.JsonLdError as reason:
                raise Malformed(f"the document is not sound JSON-LD: {_first_cause(reason)}") from reason
        if not quads:
            raise Malformed("the document states nothing")
        return str(quads)

    def _options(self) -> dict[str, Any]:
        return {
            "base": _RELATIVE,
            "expandContext": {"@vocab": UNDEFINED},
            "processingMode": "json-ld-1.1",
            "documentLoader": self._load,
            "contextResolver": ContextResolver(self._cache, self._load),
        }

    def _load(self, url: str, _options: Any) -> JsonObject:
        if url not in self.table:
            raise UnknownVocabulary(f"the vocabulary {url[:120]!r} is not one that we know")
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": self.table[url],
        }

    def _check_contexts(self, document: JsonObject) -> None:
        named = document.get("@context")
        if self.nested and isinstance(named, str):
            named = [named]
        if self.nested and isinstance(named, list) and any(isinstance(url, dict) for url in named):
            raise UnknownVocabulary("it brings words of its own along, whose meaning nobody has looked at")
        if not isinstance(named, list) or not named or not all(isinstance(url, str) for url in named):
            raise Malformed("'@context' must be a list of addresses")
        if unknown := [url for url in named if url not in self.table]:
            raise UnknownVocabulary(f"the vocabulary {unknown[0][:120]!r} is not one that we know")

    def _without_contexts(self, item: Json, depth: int = 0) -> Json:
        """The document without its contexts, those inside it checked first."""
        if isinstance(item, list):
            return [self._without_contexts(each, depth) for each in item]
        if not isinstance(item, dict):
            return item
        if self.nested and depth and "@context" in item:
            self._check_contexts(item)
        return {
            name: self._without_contexts(value, depth + 1)
            for name, value in item.items()
            if name != "@context" or (depth and not self.nested)
        }


PINNED = Vocabulary(contexts.CONTEXTS)


def _check_shape(document: JsonObject) -> None:
    """Refuse what costs too much or what canonicalization would silently lose: null, empty lists, keywords."""
    waiting: list[Json] = [document]
    values = blank = 0
    symmetry = 1
    while waiting:
        item = waiting.pop()
        values += 1
        if isinstance(item, dict):
            _check_names(item)
            blank += "id" not in item
            waiting.extend(item.values())
        elif isinstance(item, list):
            if not item:
                raise UndefinedTerm("an empty list says nothing and would not be signed")
            if any(isinstance(each, list) for each in item):
                # RDF does not tell [[x]] from x: a status entry would be signed there, and nobody would find it.
                raise Malformed("a list stands inside a list, where readers overlook what is signed")
            symmetry *= orders(item)
            waiting.extend(item)
        else:
            _check_value(item)
        if values > MAX_VALUES or blank > MAX_BLANK_NODES or symmetry > MAX_SYMMETRY:
            raise Malformed("the document is larger or more entangled than any certificate is")


def orders(siblings: list[Json]) -> int:
    """In how many orders unnamed siblings might have to be tried: those whose own plain values differ are told apart by
    their first-degree hashes, so only those that say the same count.

    Values are compared as RDF will see them: `true` and `"true"`, `"a"` and `["a"]`, a value once or twice are the same.
    """
    alike: Counter[frozenset[tuple[str, str]]] = Counter()
    for child in siblings:
        if isinstance(child, dict) and "id" not in child:
            alike[frozenset((name, text) for name, value in child.items() for text in _texts(value))] += 1
    return math.prod(math.factorial(min(count, 20)) for count in alike.values())


def _texts(value: Json) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, bool):
            yield str(each).lower()
        elif isinstance(each, str | int):
            yield str(each)


def _check_names(item: JsonObject) -> None:
    for name in item:
        if name.startswith("@") or ":" in name or not name:
            raise UndefinedTerm(f"{name[:80]!r} is not a word of the vocabulary")


def _check_value(item: Json) -> None:
    if item is None:
        raise UndefinedTerm("a null says nothing and would not be signed")
    if isinstance(item, float):
        raise Malformed("a fraction must be written as text: readers print floating-point numbers differently")
    if isinstance(item, str) and (item.startswith("_:") or _CONTROL.search(item)):
        raise Malformed("a text begins like a blank node or holds a control character")


def _check_meaning(expanded: Json, twice: frozenset[str]) -> None:
    """Refuse an expansion in which some word had no meaning, some identifier was no full IRI, or one was described twice.

    Descriptions of one identifier merge in RDF. Were two allowed, `validUntil` could move from the certificate to a
    second object with its id, unnoticed by the signature and by whoever then looks for it where it belongs. Of the types
    `twice` they are allowed: the type is signed with each description, so that no other object becomes one of these.
    """
    waiting: list[Json] = [expanded]
    described: dict[Json, bool] = {}
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            if len(item) > 1 and "@id" in item:
                may = not twice.isdisjoint(item.get("@type", ()))
                if item["@id"] in described and not (may and described[item["@id"]]):
                    raise Malformed(f"{str(item['@id'])[:80]!r} is described twice")
                described[item["@id"]] = may
            _check_names_and_iris(item)
            waiting.extend(item.values())


def _check_names_and_iris(item: JsonObject) -> None:
    for name, value in item.items():
        _check_iri(name)
        for iri in value if isinstance(value, list) else [value]:
            if name in {"@id", "@type"} and isinstance(iri, str):
                _check_iri(iri)


def _check_iri(iri: str) -> None:
    if iri.startswith(UNDEFINED):
        raise UndefinedTerm(f"the vocabulary does not define {iri.removeprefix(UNDEFINED)[:80]!r}")
    if iri.startswith(_RELATIVE):
        raise UndefinedTerm(f"{iri.removeprefix(_RELATIVE)[:80]!r} is not a full address")


def _first_cause(error: BaseException) -> str:
    cause = getattr(error, "cause", None)
    return _first_cause(cause) if isinstance(cause, BaseException) else str(error).split("\n", 1)[0][:160]
