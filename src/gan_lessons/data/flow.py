"""Frames between two frames, by optical flow, so that an average of them blurs where plain averaging leaves ghosts."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_lessons.errors import InputError

SMALLEST = 16  # pixels a side that DIS can measure a flow on


def interpolate(frames: np.ndarray, between: int) -> np.ndarray:
    """Put frames between each two, moved along the flow and blended (Jiang et al. 2018, arXiv:1712.00080, eq. 4).

    The flow is DIS (Kroeger et al. 2016, arXiv:1603.03590), measured both ways; no network takes part, and what is
    hidden in one of two frames is blended from both.

    Parameters
    ----------
    frames : (T, C, Y, X)
        Floats in [0, 1].
    between : int
        New frames between each two, 1 or more.

    Returns
    -------
    float32, ((T − 1)·(between + 1) + 1, C, Y, X)
        The frames given are among them, unchanged.
    """
    cv2 = _opencv()
    if min(frames.shape[-2:]) < SMALLEST:
        raise InputError(
            f"frames of {frames.shape[-2:]} pixels: too small for a flow; expected {SMALLEST} or more a side"
        )
    estimator = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    gray = [np.rint(255 * frame.mean(0)).astype(np.uint8) for frame in frames]
    moving = []
    for t in range(len(frames) - 1):
        moving.append(frames[t])
        there = estimator.calc(gray[t], gray[t + 1], None)
        back = estimator.calc(gray[t + 1], gray[t], None)
        moving += [
            _blend(cv2, frames[t], frames[t + 1], there, back, step / (between + 1)) for step in range(1, between + 1)
        ]
    return np.stack([*moving, frames[-1]]).astype(np.float32)


def _blend(
    cv2: Any, first: np.ndarray, second: np.ndarray, there: np.ndarray, back: np.ndarray, time: float
) -> np.ndarray:
    """Return the frame at a time between 0 and 1: (C, Y, X)."""
    to_first = -(1 - time) * time * there + time**2 * back
    to_second = (1 - time) ** 2 * there - time * (1 - time) * back
    return (1 - time) * _warp(cv2, first, to_first) + time * _warp(cv2, second, to_second)


def _warp(cv2: Any, frame: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Look up each pixel where the flow (Y, X, 2) points to."""
    rows, columns = np.indices(frame.shape[1:], np.float32)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    looked = [
        cv2.remap(channel, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        for channel in np.ascontiguousarray(frame, np.float32)
    ]
    return np.clip(np.stack(looked), 0, 1)


def _opencv() -> Any:
    try:
        import cv2
    except ImportError as error:
        raise InputError("interpolating frames needs OpenCV; install napari-deblur[video]") from error
    return cv2
