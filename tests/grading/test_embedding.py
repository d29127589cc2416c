"""The sentence model: published similarities, and a second forward pass in plain NumPy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from safetensors.numpy import load_file
from scipy.special import erf, softmax
from tokenizers import Tokenizer

from grading.calibrate import fit
from grading.embedding import MiniLM
from grading.errors import ModelError
from grading.likelihood import INTERCEPT, WEIGHTS, Closeness, likelihood
from tests.grading.samples import ROOT, load_model, model_folder

Array = NDArray[np.float32]


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return load_model()


def test_similarities_published_with_the_model(model: MiniLM) -> None:
    """The three sentences of the Sentence Transformers quick start and the cosines printed there."""
    rows = model(["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."])
    expected = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    assert np.allclose(rows @ rows.T, expected, atol=1e-4)


def test_a_row_depends_on_its_text_only(model: MiniLM) -> None:
    texts = ["short", "a rather longer sentence about nothing in particular", "", "short"] * 20
    rows = model(texts)
    assert rows.shape == (80, 384)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(rows[:4], rows[76:], atol=1e-5)
    assert np.allclose(rows[0], model(["short"])[0], atol=1e-5)


@pytest.mark.parametrize("text", ["", "\ud800", "\0", "\u202e\u200b", "🙂" * 300, "word " * 5_000])
def test_odd_texts_have_a_row_too(text: str, model: MiniLM) -> None:
    assert np.isfinite(model([text])).all()


def test_no_texts_no_rows(model: MiniLM) -> None:
    assert model([]).shape == (0, 384)


def test_a_text_is_cut_at_256_tokens(model: MiniLM) -> None:
    same = model(["word " * 254 + "apple", "word " * 254 + "pear"])
    assert np.allclose(same[0], same[1], atol=1e-6)
    differ = model(["word " * 200 + "apple", "word " * 200 + "pear"])
    assert not np.allclose(differ[0], differ[1], atol=1e-6)


@pytest.mark.slow
def test_the_graph_is_cached_where_told(tmp_path: Path) -> None:
    first = MiniLM.load(model_folder(), cache=tmp_path)
    (kept,) = tmp_path.iterdir()
    stamp = kept.stat().st_mtime_ns
    second = MiniLM.load(model_folder(), cache=tmp_path)
    assert kept.stat().st_mtime_ns == stamp
    assert np.array_equal(first(["same"]), second(["same"]))


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert MiniLM.load(model_folder(), cache=tmp_path / "file")(["x"]).shape == (1, 384)


def test_absent_or_damaged_models_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"lacks model\.safetensors, config\.json, tokenizer\.json"):
        MiniLM.load(tmp_path)
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(ModelError, match="cannot be read"):
        MiniLM.load(tmp_path)


def _norm(x: Array, scale: Array, bias: Array) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12) * scale + bias, np.float32)


def _forward(folder: Path, text: str) -> Array:
    """BERT in NumPy, one text at a time and so without padding: written apart from the graph, to check it."""
    w = load_file(folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    ids = tokenizer.encode(text).ids
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = _norm(
        x + w["embeddings.token_type_embeddings.weight"][0],
        w["embeddings.LayerNorm.weight"],
        w["embeddings.LayerNorm.bias"],
    )
    for layer in range(config["num_hidden_layers"]):

        def dense(y: Array, name: str, at: str = f"encoder.layer.{layer}.") -> Array:
            return np.asarray(y @ w[f"{at}{name}.weight"].T + w[f"{at}{name}.bias"], np.float32)

        def norm(y: Array, name: str, at: str = f"encoder.layer.{layer}.") -> Array:
            return _norm(y, w[f"{at}{name}.LayerNorm.weight"], w[f"{at}{name}.LayerNorm.bias"])

        q, k, v = (
            dense(x, f"attention.self.{part}").reshape(len(ids), 12, 32).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        mixed = (softmax(q @ k.swapaxes(1, 2) / np.sqrt(32), axis=-1) @ v).swapaxes(0, 1).reshape(len(ids), 384)
        x = norm(dense(mixed, "attention.output.dense") + x, "attention.output")
        wide = dense(x, "intermediate.dense")
        x = norm(dense(wide * 0.5 * (1 + erf(wide / np.sqrt(2))), "output.dense") + x, "output")
    mean = x.mean(0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


@pytest.mark.slow
def test_the_graph_computes_what_numpy_computes(model: MiniLM) -> None:
    texts = ["No current can flow.", "Größe? 12,5 µm — naïve!", "word " * 60, "x"]
    rows = model(texts)
    for text, row in zip(texts, rows, strict=True):
        assert np.abs(_forward(model_folder(), text) - row).max() < 1e-5


@pytest.mark.slow
def test_the_curve_is_the_one_that_the_labelled_answers_give(model: MiniLM) -> None:
    found = fit(yaml.safe_load((ROOT / "grading" / "calibration" / "answers.yaml").read_text(encoding="utf-8")), model)
    assert found.intercept == pytest.approx(INTERCEPT, abs=0.02)
    assert found.weights == pytest.approx(WEIGHTS, abs=0.02)
    assert found.accuracy > 0.7
    assert found.brier < 0.18


def test_the_curve_rises_with_closeness_and_falls_near_known_wrong_answers() -> None:
    base = Closeness(right=0.7, wrong=0.3, asked=0.4, covered=0.5)
    nearer, wronger = Closeness(0.9, 0.3, 0.4, 0.5), Closeness(0.7, 0.9, 0.4, 0.5)
    assert 0 < likelihood(wronger) < likelihood(base) < likelihood(nearer) < 1
