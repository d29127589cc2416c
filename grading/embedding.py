"""Sentence embeddings by all-MiniLM-L6-v2, run by ONNX Runtime without PyTorch.

The folder holds `model.safetensors`, `config.json` and `tokenizer.json` as published for the model. Its graph (BERT:
Devlin et al. 2019, section 3.1; six layers, twelve heads) is put together here, then mean pooling over the tokens
and division by the Euclidean norm, as in Reimers and Gurevych 2019, section 3.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from grading.errors import ModelError
from grading.graph import build, read_shape

MAX_TOKENS = 256
BATCH = 32
FORMAT = 1  # a new number makes every cached graph be built again


@dataclass(frozen=True, eq=False)
class MiniLM:
    """Callable: texts in, float32[len(texts), 384] out, each row of length 1. Texts are cut at 256 tokens."""

    _session: Any
    _tokenizer: Any
    width: int

    @classmethod
    def load(cls, folder: Path, cache: Path | None = None, threads: int = 1) -> Self:
        """Read the model in `folder`. Raises `ModelError`.

        The graph is kept in the folder `cache` (by default `folder` itself; where that cannot be written, it is
        built again each time, which costs about a second).
        """
        absent = [
            name for name in ("model.safetensors", "config.json", "tokenizer.json") if not (folder / name).is_file()
        ]
        if absent:
            raise ModelError(f"{folder} lacks {', '.join(absent)}")
        try:
            width = read_shape(folder).width
            session = _session(_graph(folder, cache or folder), threads)
            tokenizer = _tokenizer(folder / "tokenizer.json")
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelError(f"{folder} cannot be read as a sentence model: {error}") from error
        return cls(session, tokenizer, width)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.width), np.float32)
        # Neighbours of one length share a batch, so that short answers are not padded to the longest one.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            rows[batch] = self._embed([texts[at] for at in batch])
        return rows

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        # A lone surrogate cannot be tokenised; it has no meaning either.
        encoded = self._tokenizer.encode_batch([text.encode(errors="replace").decode() for text in texts])
        ids = np.array([row.ids for row in encoded], np.int64)
        mask = np.array([row.attention_mask for row in encoded], np.int64)
        embedded: NDArray[np.float32] = self._session.run(["embedding"], {"ids": ids, "mask": mask})[0]
        return embedded


def _tokenizer(file: Path) -> Any:
    tokenizer = Tokenizer.from_file(str(file))
    # The published file pads everything to 128 tokens and cuts there; the model was made for 256.
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")  # noqa: S106  # a token of text, not a secret
    return tokenizer


def _session(graph: bytes, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _graph(folder: Path, cache: Path) -> bytes:
    weights = folder / "model.safetensors"
    stamp = weights.stat()
    kept = cache / f"graph-{FORMAT}-{stamp.st_size}-{stamp.st_mtime_ns}.onnx"
    if kept.is_file():
        return kept.read_bytes()
    graph = build(folder)
    part = cache / f".{uuid.uuid4().hex}.part"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        part.write_bytes(graph)
        os.replace(part, kept)  # noqa: PTH105  # atomic: a second process sees the whole file or none
    except OSError:
        # Nothing is lost but the second of the next start; a part that was begun is only litter.
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return graph
