"""Canonical N-Quads of a document that a stranger may have written, in words that we know (RDF Dataset Canonicalization 1.0).

Contexts come from a closed table by their addresses; a word or an identifier that they do not define is an error.
"""

from __future__ import annotations

from collections.abc import Mapping

from credentials.canonical import Json, JsonObject, check
from credentials.errors import Malformed, UndefinedTerm, UnknownVocabulary
from credentials.linked_data import contexts
from credentials.linked_data.processing import Processor, check_meaning, check_shape

_IDENTIFIED = frozenset({"id"})


class Vocabulary(Processor):
    """A closed table of contexts by URL. Nothing outside it is ever loaded.

    `nested`: an object inside may name contexts of the table once more, as a credential inside a record does, and one
    context needs no list. `twice`: the types of which one identifier may be described more than once.
    """

    def __init__(
        self, table: Mapping[str, JsonObject], *, nested: bool = False, twice: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(table)
        self.nested = nested
        self.twice = twice

    def canonical(self, document: JsonObject) -> str:
        """The canonical N-Quads of a JSON-LD document whose `@context` is a list of URLs from the table.

        Raises UndefinedTerm where a word or identifier would be dropped, Malformed for any other refused shape.
        """
        check(document)
        self._check_contexts(document)
        check_shape(
            self._without_contexts(document),
            what="certificate",
            identified=_IDENTIFIED,
            check_names=_check_names,
            check_list=_check_list,
        )
        expanded = self.expanded(document)
        _check_expansion(expanded, self.twice)
        return self.quads(expanded)

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


def _check_list(item: list[Json]) -> None:
    if any(isinstance(each, list) for each in item):
        # RDF does not tell [[x]] from x: a status entry would be signed there, and nobody would find it.
        raise Malformed("a list stands inside a list, where readers overlook what is signed")


def _check_names(item: JsonObject) -> None:
    for name in item:
        if name.startswith("@") or ":" in name or not name:
            raise UndefinedTerm(f"{name[:80]!r} is not a word of the vocabulary")


def _check_expansion(expanded: Json, twice: frozenset[str]) -> None:
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
        check_meaning(name)
        for iri in value if isinstance(value, list) else [value]:
            if name in {"@id", "@type"} and isinstance(iri, str):
                check_meaning(iri)
