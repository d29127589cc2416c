"""A FaceLandmarker bundle made of the parts that an older MediaPipe carried, so that no installation lacks one.

The face mesh with attention has seven outputs (mesh, lips, eyes, irises, presence); MediaPipe's FaceLandmarker wants two
(478 points, presence). The graph of `TensorsToFaceLandmarksWithAttention` that once joined them is gone from the library, so
the same joining is appended to the model itself: one gather picks each of the 478 · 3 numbers from the output that knows it best.
"""

from __future__ import annotations

import importlib.util
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from proctor.errors import ModelMissing
from proctor.vision.refined import ALL_POINTS, LEFT_EYE, LEFT_IRIS, LIPS, MESH_POINTS, RIGHT_EYE, RIGHT_IRIS, RIM

OUTPUTS = (
    "output_mesh_identity",
    "output_lips",
    "output_left_eye",
    "output_right_eye",
    "output_left_iris",
    "output_right_iris",
)
PRESENCE = "conv_faceflag"
REFINED = (LIPS, LEFT_EYE, RIGHT_EYE, LEFT_IRIS, RIGHT_IRIS)


def landmarker_bundle(detector: Path, mesh: Path) -> bytes:
    """What `FaceLandmarker` loads as `model_asset_buffer`, about a tenth of a second. Raises `ModelMissing`."""
    for needed in (detector, mesh):
        if not needed.is_file():
            raise ModelMissing(str(needed))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as bundle:
        # Without the time of packing: the same models are the same bytes, so their hash can be their name.
        bundle.writestr(zipfile.ZipInfo("face_detector.tflite"), detector.read_bytes())
        bundle.writestr(zipfile.ZipInfo("face_landmarks_detector.tflite"), with_joined_outputs(mesh.read_bytes()))
    return packed.getvalue()


def with_joined_outputs(model: bytes) -> bytes:
    """`face_landmark_with_attention.tflite` with the outputs (1, 1, 1, 1434) and (1, 1, 1, 1): points and presence."""
    import flatbuffers

    schema = _file_format()
    graph = _Graph(schema, schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0)))
    outputs = graph.outputs()
    parts = [outputs[name] for name in OUTPUTS]
    depths = [
        graph.mean(graph.gather(parts[0], [3 * point + 2 for point in eye[:RIM]])) for eye in (LEFT_EYE, RIGHT_EYE)
    ]
    points = graph.gather(graph.concatenate(parts + depths), order())
    graph.main.outputs = [points, outputs[PRESENCE]]
    graph.model.signatureDefs = None  # they name the old outputs
    builder = flatbuffers.Builder(len(model) + 2**16)
    builder.Finish(graph.model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _file_format() -> Any:
    """MediaPipe's description of model files, without the rest of the library, which takes two seconds to load."""
    library = importlib.util.find_spec("mediapipe")
    folder = library.submodule_search_locations if library is not None else None
    if not folder:
        raise ModelMissing("mediapipe")
    file = Path(folder[0]) / "tasks" / "metadata" / "schema_py_generated.py"
    spec = importlib.util.spec_from_file_location("_tflite_schema", file)
    if spec is None or spec.loader is None:
        raise ModelMissing(str(file))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bundle_for_pages(folder: Path) -> bytes | None:
    """What a page looks at faces with, from the model files under `folder`: the mesh, else Google's bundle. None: neither is there."""
    mesh = folder / "face_mesh" / "face_landmark_with_attention.tflite"
    detector = folder / "face_detector" / "face_detection_short_range.tflite"
    whole = folder / "face_landmarker" / "face_landmarker.task"
    if mesh.is_file() and detector.is_file():
        return landmarker_bundle(detector, mesh)
    return whole.read_bytes() if whole.is_file() else None


def order() -> list[int]:
    """For each of the 478 · 3 numbers (x, y, z of a point after the other) its place among all outputs in a row.

    Refined parts give x and y only; z stays the mesh's, and that of an iris is the mean of its eye's rim.
    """
    places = list(range(3 * MESH_POINTS)) + [0] * 3 * (ALL_POINTS - MESH_POINTS)
    at = 3 * MESH_POINTS
    for part in REFINED:
        for point in part:
            places[3 * point], places[3 * point + 1] = at, at + 1
            at += 2
    for depth, iris in enumerate((LEFT_IRIS, RIGHT_IRIS)):
        for point in iris:
            places[3 * point + 2] = at + depth
    return places


@dataclass(frozen=True)
class _Graph:
    """Appends operators to the one graph of a TensorFlow Lite model; tensors are named by their number."""

    schema: Any
    model: Any

    @property
    def main(self) -> Any:
        return self.model.subgraphs[0]

    def outputs(self) -> dict[str, int]:
        return {bytes(self.main.tensors[each].name).decode(): int(each) for each in self.main.outputs}

    def gather(self, values: int, at: list[int]) -> int:
        options = self.schema.GatherOptionsT()
        options.axis = 3
        return self._operator("GATHER", [values, self._whole_numbers(at)], len(at), "GatherOptions", options)

    def mean(self, values: int) -> int:
        options = self.schema.ReducerOptionsT()
        options.keepDims = True
        return self._operator("MEAN", [values, self._whole_numbers([3])], 1, "ReducerOptions", options)

    def concatenate(self, values: list[int]) -> int:
        options = self.schema.ConcatenationOptionsT()
        options.axis = 3
        length = sum(int(self.main.tensors[each].shape[3]) for each in values)
        return self._operator("CONCATENATION", values, length, "ConcatenationOptions", options)

    def _operator(self, name: str, inputs: list[int], length: int, kind: str, options: Any) -> int:
        output = self._tensor([1, 1, 1, length], self.schema.TensorType.FLOAT32, 0)
        operator = self.schema.OperatorT()
        operator.opcodeIndex = self._code(getattr(self.schema.BuiltinOperator, name))
        operator.inputs, operator.outputs = inputs, [output]
        operator.builtinOptionsType = getattr(self.schema.BuiltinOptions, kind)
        operator.builtinOptions = options
        self.main.operators.append(operator)
        return output

    def _code(self, builtin: int) -> int:
        code = self.schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = builtin
        code.version = 1
        self.model.operatorCodes.append(code)
        return len(self.model.operatorCodes) - 1

    def _whole_numbers(self, numbers: list[int]) -> int:
        buffer = self.schema.BufferT()
        buffer.data = np.frombuffer(np.asarray(numbers, "<i4").tobytes(), np.uint8)
        self.model.buffers.append(buffer)
        return self._tensor([len(numbers)], self.schema.TensorType.INT32, len(self.model.buffers) - 1)

    def _tensor(self, shape: list[int], kind: int, buffer: int) -> int:
        tensor = self.schema.TensorT()
        tensor.shape, tensor.type, tensor.buffer = shape, kind, buffer
        tensor.name = f"joined_{len(self.main.tensors)}"
        self.main.tensors.append(tensor)
        return len(self.main.tensors) - 1
