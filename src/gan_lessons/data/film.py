"""Films, decoded: frames are the planes of a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gan_lessons.errors import InputError


def read_film(path: Path, largest: int) -> np.ndarray:
    """Decode a film with OpenCV: uint8 (3, T, Y, X), red, green, blue.

    Parameters
    ----------
    largest : int
        Bytes that it may have once decoded.

    Raises
    ------
    InputError
        If OpenCV is missing, can't decode the film, or it is too long.
    """
    try:
        import cv2
    except ImportError as error:
        raise InputError(f"{path}: films need OpenCV: install napari-deblur[video], or give frames") from error
    film = cv2.VideoCapture(str(path))
    frames = []
    held = 0
    while film.isOpened():
        there, frame = film.read()
        if not there:
            break
        held += frame.nbytes
        if held > largest:
            film.release()
            raise InputError(
                f"{path}: more than {largest >> 20} MB once decoded; cut it shorter, or extract its frames"
            )
        frames.append(frame[..., ::-1])
    film.release()
    if not frames:
        raise InputError(f"{path}: no frame could be decoded; expected a film that OpenCV reads")
    return np.moveaxis(np.stack(frames), -1, 0)
