"""Detectors as judges of photographs: is what can be recognized in the sharp one still, or again, recognized?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.metrics.objects import overlaps

SMALLEST_FACE, GROWTH, STEP = 40, 1.1, 1.5  # pixels; from size to size; the window's step at its smallest size
TWICE = 0.5  # overlap above which two boxes are one object
CONFIDENT = 0.5  # score from which a detection counts


def detect_faces(photo: np.ndarray) -> np.ndarray:
    """Find upright frontal faces by the cascade of local binary patterns that scikit-image ships.

    Zhang et al. 2007 (doi:10.1007/978-3-540-74549-5_2). A small, dated detector: it misses turned faces, and serves to
    compare images of one scene, not to find all faces.

    Parameters
    ----------
    photo : array, (Y, X) or (Y, X, 3)
        Values from 0 to 1.

    Returns
    -------
    float64 array, (N, 4)
        Top, left, bottom, right of each, in pixels.

    >>> detect_faces(np.zeros((64, 64))).shape
    (0, 4)
    """
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    sides = photo.shape[:2]
    if min(sides) < SMALLEST_FACE:
        return np.zeros((0, 4))
    found = Cascade(lbp_frontal_face_cascade_filename()).detect_multi_scale(
        img=np.clip(np.nan_to_num(photo), 0, 1),
        scale_factor=GROWTH,
        step_ratio=STEP,
        min_size=(SMALLEST_FACE, SMALLEST_FACE),
        max_size=sides,
    )
    boxes = [(one["r"], one["c"], one["r"] + one["height"], one["c"] + one["width"]) for one in found]
    return np.array(boxes, np.float64).reshape(-1, 4)


class OnnxDetector:
    """A detector in a file, run by onnxruntime (extra ``onnx``).

    Its input is one RGB photograph with values from 0 to 1, (1, 3, Y, X) or (3, Y, X), of any size or of one, to which
    photographs are then scaled. Its outputs are named ``boxes`` (N, 4) and ``scores`` (N,), as torchvision's detectors
    export them, or are one of (…, N, 6) with a row ``left, top, right, bottom, score, class`` an object.

    Parameters
    ----------
    path : path
    confident : float
        Score from which a detection counts, 0.5.

    Raises
    ------
    InputError
        If onnxruntime or the file is missing, or inputs and outputs are others.
    """

    def __init__(self, path: str | Path, confident: float = CONFIDENT) -> None:
        self.path, self.confident = Path(path), confident
        if not self.path.is_file():
            raise InputError(f"{self.path}: no such file; expected a detector in ONNX")
        self.session = _session(self.path)
        inputs = self.session.get_inputs()
        self.outputs = [output.name for output in self.session.get_outputs()]
        self.sides = list(inputs[0].shape)
        if len(inputs) != 1 or len(self.sides) not in (3, 4) or self.sides[-3] not in (3, None, "C"):
            raise InputError(f"{self.path}: its input is {inputs[0].shape}; expected one of (1, 3, Y, X) or (3, Y, X)")
        if not {"boxes", "scores"} <= set(self.outputs) and len(self.outputs) != 1:
            raise InputError(f"{self.path}: its outputs are {self.outputs}; expected boxes and scores, or one (N, 6)")

    def __call__(self, photo: np.ndarray) -> np.ndarray:
        """Return top, left, bottom, right of each object, (N, 4), of a photograph (Y, X) or (Y, X, 3) from 0 to 1."""
        from skimage.transform import resize

        colors = np.repeat(photo[..., None], 3, -1) if photo.ndim == 2 else photo[..., :3]
        sides = [n if isinstance(n, int) else have for n, have in zip(self.sides[-2:], photo.shape, strict=False)]
        scaled = np.clip(resize(np.nan_to_num(colors).astype(np.float32), sides), 0, 1)
        given = np.moveaxis(scaled, -1, 0).astype(np.float32)
        found = self.session.run(None, {self.session.get_inputs()[0].name: given[(None,) * (len(self.sides) - 3)]})
        boxes, scores = self._rows(dict(zip(self.outputs, found, strict=True)))
        left, top, right, bottom = boxes[scores >= self.confident].T
        y, x = photo.shape[0] / sides[0], photo.shape[1] / sides[1]
        return np.stack([top * y, left * x, bottom * y, right * x], axis=1).astype(np.float64)

    def _rows(self, found: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        if "boxes" in found:
            return np.reshape(found["boxes"], (-1, 4)), np.ravel(found["scores"])
        (rows,) = found.values()
        if np.shape(rows)[-1] != 6:
            raise InputError(f"{self.path}: its output is {np.shape(rows)}; expected (N, 6) or boxes and scores")
        rows = np.reshape(rows, (-1, 6))
        return rows[:, :4], rows[:, 4]


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise InputError(
            "detection: onnxruntime isn't installed; expected the extra: pip install 'napari-deblur[onnx]'"
        ) from error
    try:
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions have no common base
        raise InputError(f"{path}: not a model that onnxruntime can run: {str(error).splitlines()[0]}") from error


def joined(boxes: np.ndarray) -> np.ndarray:
    """Leave one of boxes that overlap by half or more: the first.

    >>> joined(np.array([[0.0, 0, 10, 10], [1, 0, 11, 10], [40, 40, 50, 50]])).shape
    (2, 4)
    """
    kept: list[int] = []
    shared = overlaps(boxes, boxes)
    for number in range(len(boxes)):
        if not any(shared[number, other] >= TWICE for other in kept):
            kept.append(number)
    return boxes[kept]
