"""PyLD, so that a stranger's document may come near it: shared by the closed vocabularies (`jsonld`) and the open one (`opened`).

PyLD drops what its contexts do not define, fetches contexts from the network, shares one context cache between all
callers, and has no limit against inputs made to exhaust it. None of that may reach a signature: words are checked,
contexts come from a closed table, each table has its own cache, and the shape is limited before PyLD sees it.
"""

from __future__ import annotations

import math
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pyld import jsonld
from pyld.context_resolver import ContextResolver

from credentials.canonical import Json, JsonObject
from credentials.errors import Malformed, UndefinedTerm, UnknownVocabulary

MAX_BLANK_NODES = 64
MAX_VALUES = 2_000  # beside the document itself
MAX_SYMMETRY = 5_040  # 7!: the orders in which unnamed siblings could have to be tried
UNDEFINED = "undefined:"  # a word without meaning expands to this instead of vanishing
RELATIVE = "https://relative.invalid/"  # so does an identifier that is not a full IRI
# Canonical N-Quads escape only these two alike in URDNA2015 (PyLD) and in RDFC-1.0; other control characters differ.
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")


class Processor:
    """PyLD over a closed table of contexts by URL. Nothing outside it is ever loaded."""

    def __init__(self, table: Mapping[str, JsonObject]) -> None:
        self.table = table
        self._cache: dict[str, Any] = {}
        self._lock = threading.Lock()  # PyLD keeps a processing cache inside each resolved context

    def expanded(self, document: JsonObject) -> Json:
        """The JSON-LD expansion, in which each word stands as the IRI that it means. Raises Malformed."""
        return self._run(jsonld.expand, document)

    def quads(self, document: Json) -> str:
        """The canonical N-Quads (RDFC-1.0) of a document or of its expansion. Raises Malformed."""
        found = self._run(jsonld.normalize, document, algorithm="URDNA2015", format="application/n-quads")
        if not found:
            raise Malformed("the document states nothing")
        return str(found)

    def _run(self, work: Callable[..., Any], document: Json, **how: str) -> Any:
        with self._lock:
            try:
                return work(document, {**self._options(), **how})
            except jsonld.JsonLdError as reason:
                raise Malformed(f"the document is not sound JSON-LD: {_first_cause(reason)}") from reason

    def _options(self) -> dict[str, Any]:
        return {
            "base": RELATIVE,
            "expandContext": {"@vocab": UNDEFINED},
            "processingMode": "json-ld-1.1",
            "rdfDirection": "i18n-datatype",
            "documentLoader": self._load,
            "contextResolver": ContextResolver(self._known(), self._load),
        }

    def _known(self) -> dict[str, Any]:
        """Contexts that were processed before, by their address or text, and where PyLD keeps more of them."""
        return self._cache

    def _load(self, url: str, _options: Any) -> JsonObject:
        if url not in self.table:
            raise UnknownVocabulary(f"the vocabulary {url[:120]!r} is not one that we know")
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "tag": "static",  # so that PyLD keeps it under its address
            "document": self.table[url],
        }


def check_shape(
    document: Json,
    *,
    what: str,
    identified: frozenset[str],
    check_names: Callable[[JsonObject], None],
    check_list: Callable[[list[Json]], None] = lambda _: None,
) -> None:
    """Refuse what costs too much, and what canonicalization would silently lose: null, empty lists, words that are none.

    An object with none of the names `identified` counts as a blank node. `what`: the kind of document, for the sentence.
    Raises UndefinedTerm, Malformed.
    """
    blank, symmetry = 0, 1
    for values, item in enumerate(_parts(document)):
        if isinstance(item, dict):
            check_names(item)
            blank += identified.isdisjoint(item)
        elif isinstance(item, list):
            if not item:
                raise UndefinedTerm("an empty list says nothing and would not be signed")
            check_list(item)
            symmetry *= _orders(item)
        else:
            _check_value(item)
        if values > MAX_VALUES or blank > MAX_BLANK_NODES or symmetry > MAX_SYMMETRY:
            raise Malformed(f"the document is larger or more entangled than any {what} is")


def _parts(document: Json) -> Iterator[Json]:
    """Every value in the document, itself first."""
    waiting = [document]
    while waiting:
        item = waiting.pop()
        yield item
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _orders(siblings: list[Json]) -> int:
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


def _check_value(item: Json) -> None:
    if item is None:
        raise UndefinedTerm("a null says nothing and would not be signed")
    if isinstance(item, float):
        raise Malformed("a fraction must be written as text: readers print floating-point numbers differently")
    if isinstance(item, str) and (item.startswith("_:") or _CONTROL.search(item)):
        raise Malformed("a text begins like a blank node or holds a control character")


def check_meaning(iri: str) -> None:
    """Refuse what an expansion shows to have had no meaning: a word that no context defines, an address that is not full.
    Raises UndefinedTerm.
    """
    if iri.startswith(UNDEFINED):
        raise UndefinedTerm(f"the vocabulary does not define {iri.removeprefix(UNDEFINED)[:80]!r}")
    if iri.startswith(RELATIVE):
        raise UndefinedTerm(f"{iri.removeprefix(RELATIVE)[:80]!r} is not a full address")


def _first_cause(error: BaseException) -> str:
    cause = error.__cause__ or getattr(error, "cause", None)
    return _first_cause(cause) if isinstance(cause, BaseException) else str(error).split("\n", 1)[0][:160]
