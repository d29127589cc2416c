"""Put a BERT encoder with mean pooling together as an ONNX graph, from its published weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

OPSET = 20  # the first with Gelu
IR_VERSION = 9


@dataclass(frozen=True)
class Shape:
    """The sizes in config.json: width of a token, number of heads and layers, epsilon of the layer norms."""

    width: int
    heads: int
    layers: int
    epsilon: float


def read_shape(folder: Path) -> Shape:
    config: dict[str, Any] = json.loads((folder / "config.json").read_text())
    width, heads, layers = (int(config[key]) for key in ("hidden_size", "num_attention_heads", "num_hidden_layers"))
    return Shape(width, heads, layers, float(config["layer_norm_eps"]))


def build(folder: Path) -> bytes:
    """The serialised graph: int64 `ids` and `mask` [batch, tokens] in, float32 `embedding` [batch, width] out."""
    graph = _Graph(load_file(folder / "model.safetensors"), read_shape(folder))
    graph.embed()
    for layer in range(graph.shape.layers):
        graph.layer(f"encoder.layer.{layer}.")
    graph.pool()
    return graph.serialised()


class _Graph:
    """Collects nodes; `self.flow` names the tensor [batch, tokens, width] that the next part reads."""

    def __init__(self, weights: dict[str, NDArray[np.float32]], shape: Shape) -> None:
        self.weights, self.shape, self.flow = weights, shape, ""
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def whole(self, *values: int) -> str:
        return self.constant("i" + "_".join(map(str, values)), np.array(values, np.int64))

    def real(self, value: float) -> str:
        return self.constant(f"f{value}", np.array(value, np.float32))

    def linear(self, name: str, source: str) -> str:
        turned = self.constant(f"{name}.turned", self.weights[f"{name}.weight"].T)
        return self.op("Add", self.op("MatMul", source, turned), self.weight(f"{name}.bias"))

    def norm(self, name: str, source: str) -> str:
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.op("LayerNormalization", source, scale, bias, axis=-1, epsilon=self.shape.epsilon)

    def embed(self) -> None:
        """Sum of word, position and segment (always the first) embeddings; also what masks padding in attention."""
        words = self.op("Gather", self.weight("embeddings.word_embeddings.weight"), "ids")
        count = self.op("Gather", self.op("Shape", "ids"), self.whole(1))
        places = self.op("Slice", self.weight("embeddings.position_embeddings.weight"), self.whole(0), count)
        segment = self.constant("segment", self.weights["embeddings.token_type_embeddings.weight"][0])
        self.flow = self.norm("embeddings.LayerNorm", self.op("Add", self.op("Add", words, places), segment))
        self.real_mask = self.op("Cast", "mask", to=TensorProto.FLOAT)
        padding = self.op("Mul", self.op("Sub", self.real(1.0), self.real_mask), self.real(-1e9))
        self.padding = self.op("Unsqueeze", padding, self.whole(1, 2))

    def layer(self, name: str) -> None:
        mixed = self.linear(f"{name}attention.output.dense", self.attention(f"{name}attention.self."))
        self.flow = self.norm(f"{name}attention.output.LayerNorm", self.op("Add", mixed, self.flow))
        wide = self.op("Gelu", self.linear(f"{name}intermediate.dense", self.flow))
        self.flow = self.norm(
            f"{name}output.LayerNorm", self.op("Add", self.linear(f"{name}output.dense", wide), self.flow)
        )

    def attention(self, name: str) -> str:
        depth = self.shape.width // self.shape.heads
        query, value = (self.heads(f"{name}{part}", (0, 2, 1, 3)) for part in ("query", "value"))
        key = self.heads(f"{name}key", (0, 2, 3, 1))
        scores = self.op("Mul", self.op("MatMul", query, key), self.real(depth**-0.5))
        chances = self.op("Softmax", self.op("Add", scores, self.padding), axis=-1)
        joined = self.op("Transpose", self.op("MatMul", chances, value), perm=[0, 2, 1, 3])
        return self.op("Reshape", joined, self.whole(0, 0, self.shape.width))

    def heads(self, name: str, order: Sequence[int]) -> str:
        split = self.whole(0, 0, self.shape.heads, self.shape.width // self.shape.heads)
        return self.op("Transpose", self.op("Reshape", self.linear(name, self.flow), split), perm=list(order))

    def pool(self) -> None:
        """The mean of the real tokens, divided by its norm."""
        mask = self.op("Unsqueeze", self.real_mask, self.whole(2))
        mean = self.op("Div", self.op("ReduceSum", self.op("Mul", self.flow, mask), self.whole(1), keepdims=0),
                       self.op("ReduceSum", mask, self.whole(1), keepdims=0))  # fmt: skip
        length = self.op("ReduceL2", mean, self.whole(1), keepdims=1)
        self.nodes.append(helper.make_node("Div", [mean, length], ["embedding"]))

    def serialised(self) -> bytes:
        whole = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("ids", "mask")
        ]
        out = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", self.shape.width])]
        graph = helper.make_graph(self.nodes, "sentence", whole, out, list(self.constants.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        serialised: bytes = model.SerializeToString()
        return serialised
