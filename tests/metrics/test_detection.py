"""Detectors: a face that is there, a model in a file, boxes matched."""

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper
from skimage import data

import gan_lessons
from gan_lessons.errors import InputError
from gan_lessons.evaluation.judges import Detections
from gan_lessons.metrics.detection import OnnxDetector, detect_faces, joined
from gan_lessons.metrics.objects import match_boxes, overlaps

FACE = (60, 150, 200, 290)  # of the astronaut, about: rows and columns


def test_a_face_is_found_and_none_in_gravel():
    boxes = joined(detect_faces(data.astronaut()[:260, 100:340] / 255.0))
    center = (boxes[:, :2] + boxes[:, 2:]) / 2 + (0, 100)
    assert len(boxes) >= 1
    assert any(FACE[0] < y < FACE[2] and FACE[1] < x < FACE[3] for y, x in center)
    assert len(detect_faces(data.gravel()[:200, :200] / 255.0)) == 0
    assert len(detect_faces(np.zeros((20, 20)))) == 0


def test_blur_hides_a_face_from_the_judge():
    sharp = data.astronaut()[40:240, 130:310]
    blurred = (sharp.reshape(10, 20, 9, 20, 3).mean((1, 3))).repeat(20, 0).repeat(20, 1).astype(np.uint8)
    table = gan_lessons.evaluate(
        {"raw": blurred, "restored": sharp}, reference=sharp, axes="YXS", judge=Detections(detect_faces)
    )
    assert table.loc["restored", "detections F1"] == 1
    assert table.loc["raw", "detections missed"] == table.loc["restored", "detections"] >= 1


def model(path, outputs, sides=(None, None)):
    """Write a detector that answers with constants, and the photograph's brightness as its score."""
    nodes, answers = [], []
    for name, values in outputs.items():
        tensor = helper.make_tensor(f"{name}_values", TensorProto.FLOAT, np.shape(values), np.ravel(values).tolist())
        nodes.append(helper.make_node("Constant", [], [f"{name}_constant"], value=tensor))
        if name == "scores":
            nodes.append(helper.make_node("ReduceMean", ["photo"], ["brightness"], keepdims=0))
            nodes.append(helper.make_node("Mul", ["scores_constant", "brightness"], ["scores"]))
        else:
            nodes.append(helper.make_node("Identity", [f"{name}_constant"], [name]))
        answers.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, np.shape(values)))
    photo = helper.make_tensor_value_info("photo", TensorProto.FLOAT, [1, 3, *(side or "side" for side in sides)])
    graph = helper.make_graph(nodes, "detector", [photo], answers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(made, path)
    return path


def test_a_detector_in_a_file(tmp_path):
    detector = OnnxDetector(model(tmp_path / "a.onnx", {"boxes": [[1, 2, 5, 9], [0, 0, 3, 3]], "scores": [1.0, 0.4]}))
    assert detector(np.ones((20, 30, 3))).tolist() == [[2, 1, 9, 5]]  # left, top … becomes top, left …
    assert detector(np.full((20, 30), 0.4)).shape == (0, 4)  # dark: no score is high enough


def test_a_detector_of_one_size_and_of_rows(tmp_path):
    rows = {"found": [[[1, 2, 5, 9, 0.9, 3], [0, 0, 1, 1, 0.2, 3]]]}
    detector = OnnxDetector(model(tmp_path / "b.onnx", rows, sides=(10, 10)))
    assert detector(np.ones((20, 30, 3))).tolist() == [[4, 3, 18, 15]]  # brought back to 20×30


def test_what_isnt_a_detector(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        OnnxDetector(tmp_path / "no.onnx")
    (tmp_path / "c.onnx").write_bytes(b"nonsense")
    with pytest.raises(InputError, match="not a model that onnxruntime can run"):
        OnnxDetector(tmp_path / "c.onnx")
    with pytest.raises(InputError, match="expected boxes and scores, or one"):
        OnnxDetector(model(tmp_path / "d.onnx", {"boxes": [[1, 2, 5, 9]], "labels": [1.0]}))
    with pytest.raises(InputError, match=r"expected \(N, 6\)"):
        OnnxDetector(model(tmp_path / "e.onnx", {"found": [[1.0, 2.0]]}))(np.ones((20, 30, 3)))


box = st.tuples(*[st.integers(0, 20)] * 2, *[st.integers(1, 10)] * 2).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(st.lists(box, min_size=1, max_size=4), st.lists(box, min_size=1, max_size=4))
def test_overlaps_equal_counted_pixels(first, second):
    def painted(one):
        canvas = np.zeros((40, 40), bool)
        canvas[one[0] : one[2], one[1] : one[3]] = True
        return canvas

    expected = [[(painted(a) & painted(b)).sum() / (painted(a) | painted(b)).sum() for b in second] for a in first]
    np.testing.assert_allclose(overlaps(np.array(first), np.array(second)), expected)


def test_boxes_are_matched_one_to_one():
    boxes = np.array([[0, 0, 10, 10], [0, 1, 10, 11], [30, 30, 40, 40]])
    found = match_boxes(boxes, boxes[:1])
    assert (found.found, found.invented, found.missed, found.mean_iou) == (1, 2, 0, 1.0)
    assert len(joined(boxes)) == 2
    assert match_boxes(np.zeros((0, 4)), boxes).f1 == 0
    with pytest.raises(InputError, match=r"expected \(N, 4\)"):
        match_boxes(np.zeros((3, 5)), boxes)
    with pytest.raises(InputError, match="iou is 2"):
        match_boxes(boxes, boxes, iou=2)
