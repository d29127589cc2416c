"""dlib's face network as an ONNX graph: the same 128 numbers in about a tenth of the time.

dlib's own convolutions are slow on processors without a graphics card. The file of its weights (a ResNet of 29 layers, King
2017, public domain) is read as dlib writes it (`serialize` in dlib/serialize.h, dlib/dnn/layers.h), layer after layer from the
input on, and put together again for ONNX Runtime. Decision 0025 says how near both are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from proctor.errors import ModelUnreadable
from proctor.vision.decode import Pixels

Floats = npt.NDArray[np.float32]
SIDE = 150  # pixels of a face chip
MEAN = (122.782, 117.001, 104.298)  # red, green, blue: input_rgb_image_sized of the file
CONVOLUTION, SCALE, DENSE = b"con_4", b"affine_", b"fc_2"  # names of layers that have weights


class _Reader:
    """dlib's portable format: a whole number is a byte with its length (the top bit: negative) and as many bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self) -> int:
        head = self.data[self.at]
        length, end = head & 0x0F, self.at + 1 + (head & 0x0F)
        value = int.from_bytes(self.data[self.at + 1 : end], "little")
        if not 1 <= length <= 8 or end > len(self.data):
            raise ModelUnreadable("A whole number is damaged.")
        self.at = end
        return -value if head & 0x80 else value

    def tensor(self) -> Floats:
        """Version 2, four lengths, then plain little-endian floats; returned flat."""
        if self.number() != 2:
            raise ModelUnreadable("A tensor has an unknown version.")
        count = 1
        for _ in range(4):
            count *= self.number()
        end = self.at + 4 * count
        if end > len(self.data):
            raise ModelUnreadable("The file was cut off.")
        values = np.frombuffer(self.data, "<f4", count, self.at)
        self.at = end
        return values

    def seek(self, name: bytes) -> None:
        """Go behind the next layer of that name; a name is written with its length before it."""
        at = self.data.find(bytes((1, len(name))) + name, self.at)
        if at < 0:
            raise ModelUnreadable("A layer is missing.")
        self.at = at + 2 + len(name)


@dataclass
class _Graph:
    """ONNX nodes in the making; every method returns the name of what it puts out."""

    helper: Any
    numpy_helper: Any
    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)

    def weight(self, values: Floats | npt.NDArray[np.int64]) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(self.numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(self.helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def convolution(self, into: str, kernel: Floats, bias: Floats, stride: int) -> str:
        """Padded only where it does not stride, as dlib does by default."""
        pad = 0 if stride > 1 else kernel.shape[2] // 2
        return self.node("Conv", into, self.weight(kernel), self.weight(bias), strides=[stride] * 2, pads=[pad] * 4)

    def padded(self, into: str, channels: int, side: int) -> str:
        """Zeros behind the last channel, row and column: dlib adds tensors of different sizes that way."""
        ends = np.array([0, 0, 0, 0, 0, channels, side, side], np.int64)
        return into if not (channels or side) else self.node("Pad", into, self.weight(ends))


def onnx_graph(weights: bytes) -> bytes:
    """A serialised ONNX model from (n, 3, 150, 150) to (n, 128). Raises `ModelUnreadable`."""
    from onnx import TensorProto, helper, numpy_helper

    reader, graph = _Reader(weights), _Graph(helper, numpy_helper)
    reader.seek(b"input_rgb_image_sized")
    out, channels, side = _stem(reader, graph)
    for filters, stride in BLOCKS:
        out, side = _residual(reader, graph, out, channels, side, filters, stride)
        channels = filters
    pooled = graph.node("Flatten", graph.node("GlobalAveragePool", out))
    reader.seek(DENSE)
    outputs, inputs = reader.number(), reader.number()
    dense = reader.tensor()[: inputs * outputs].reshape(inputs, outputs)
    final = graph.node("MatMul", pooled, graph.weight(dense))
    made = helper.make_graph(
        graph.nodes,
        "dlib_face_recognition_resnet_model_v1",
        [helper.make_tensor_value_info("chips", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(final, TensorProto.FLOAT, ["n", outputs])],
        graph.weights,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return bytes(model.SerializeToString())


# Filters and stride of each residual block (dlib's examples/dnn_face_recognition_ex.cpp, level4 to level0).
BLOCKS = (
    *((32, 1),) * 3,
    (64, 2),
    *((64, 1),) * 3,
    (128, 2),
    *((128, 1),) * 2,
    (256, 2),
    *((256, 1),) * 2,
    (256, 2),
)


def _stem(reader: _Reader, graph: _Graph) -> tuple[str, int, int]:
    out = graph.node("Relu", graph.convolution("chips", *_scaled(reader, 32, 3, 7), stride=2))
    side = (SIDE - 7) // 2 + 1
    return graph.node("MaxPool", out, kernel_shape=[3, 3], strides=[2, 2]), 32, (side - 3) // 2 + 1


def _residual(
    reader: _Reader, graph: _Graph, into: str, channels: int, side: int, filters: int, stride: int
) -> tuple[str, int]:
    """Two convolutions beside the input itself (halved where they stride), added, then ReLU."""
    inner = graph.node("Relu", graph.convolution(into, *_scaled(reader, filters, channels, 3), stride=stride))
    inner = graph.convolution(inner, *_scaled(reader, filters, filters, 3), stride=1)
    if stride == 1:
        return graph.node("Relu", graph.node("Add", inner, into)), side
    strided, halved = (side - 3) // 2 + 1, (side - 2) // 2 + 1
    beside = graph.node("AveragePool", into, kernel_shape=[2, 2], strides=[2, 2])
    summed = graph.node("Add", graph.padded(inner, 0, halved - strided), graph.padded(beside, filters - channels, 0))
    return graph.node("Relu", summed), halved


def _scaled(reader: _Reader, filters: int, channels: int, side: int) -> tuple[Floats, Floats]:
    """The next convolution with the scale layer behind it multiplied in: kernel (filters, channels, side, side) and bias."""
    reader.seek(CONVOLUTION)
    values = reader.tensor()
    size = filters * channels * side * side
    if len(values) != size + filters or reader.number() != filters:
        raise ModelUnreadable("A convolution has another size than this network's.")
    reader.seek(SCALE)
    scale = reader.tensor()
    if len(scale) != 2 * filters:
        raise ModelUnreadable("A scale layer has another size than this network's.")
    gamma, beta = scale[:filters], scale[filters:]
    kernel = values[:size].reshape(filters, channels, side, side) * gamma[:, None, None, None]
    return kernel, values[size:] * gamma + beta


class FaceNetwork:
    """Face chips (150×150, RGB) to 128 numbers; one thread. Raises `ModelUnreadable`."""

    def __init__(self, weights: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            onnx_graph(weights.read_bytes()), sess_options=options, providers=["CPUExecutionProvider"]
        )

    def encode(self, chip: Pixels) -> Floats:
        if chip.shape != (SIDE, SIDE, 3):
            raise ValueError(f"a face chip has {SIDE} × {SIDE} pixels")
        values = (chip - np.array(MEAN, np.float32)) / np.float32(256)
        (encoded,) = self._session.run(None, {"chips": np.ascontiguousarray(values.transpose(2, 0, 1)[None])})
        return np.asarray(encoded[0], np.float32)
