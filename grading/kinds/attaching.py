"""What kinds have in common whose answer is files. A person grades them, along the rubric; the machine only counts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from grading.attachment import Attachment, Rules, names, read_attachments
from grading.errors import ResponseError
from grading.kinds.base import Item, Response
from grading.mark import Tools, Ungraded
from grading.rubric import Rubric
from sandbox.job import Result


@dataclass(frozen=True, kw_only=True)
class Attaching(Item):
    """An answer is `{"files": [reference, …]}`; `grading.attachment` says what a reference is."""

    rubric: Rubric

    @property
    @abstractmethod
    def rules(self) -> Rules:
        """What may be handed in."""

    def files(self, response: Response) -> tuple[Attachment, ...]:
        """The references of a response. Raises `ResponseError`."""
        if set(response) != {"files"}:
            raise ResponseError("an answer to this item has exactly one field, 'files'")
        return read_attachments(response["files"], self.rules)

    def check(self, response: Response) -> None:
        self.files(response)

    def is_blank(self, response: Response) -> bool:
        return not response["files"]

    def answered(self, response: Response) -> str:
        return names(self.files(response))

    def mark(self, response: Response, outcomes: Sequence[Result], tools: Tools) -> Ungraded:
        files = self.files(response)
        number = f"{len(files)} {'file' if len(files) == 1 else 'files'}"
        return Ungraded(
            self.points, f"A person looks at what was handed in ({number}).", "person", {"files": len(files)}
        )
