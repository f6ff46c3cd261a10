"""A scene with a known truth, restored in every way: how near does each come, and how long does it take?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from gan_lessons.data.demo import Scene
from gan_lessons.metrics.full_reference import photon_range, psnr, ssim
from gan_lessons.restoration.layer import restore
from gan_lessons.restoration.richardson_lucy import richardson_lucy_iterates
from gan_lessons.restoration.wiener import wiener
from gan_lessons.zoo import load_model

WIENER_STRENGTHS = (0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
MOST_ITERATIONS = 120  # of Richardson–Lucy: its best is found well before in all but the least noisy
PATIENCE = 15  # iterations without a better one end the search


@dataclass(frozen=True, eq=False)
class Result:
    """One method's image of a scene, and its distance from the truth.

    Parameters
    ----------
    image, method, setting : str
        The scene, the method, and what was chosen for it with the truth.
    psnr, ssim : float
        In decibels, range 99.9th percentile of the truth less its minimum; mean over planes.
    seconds : float
        Of the restoration alone.
    pixels : float32 array
    """

    image: str
    method: str
    setting: str
    psnr: float
    ssim: float
    seconds: float
    pixels: np.ndarray

    def row(self) -> dict[str, str | float]:
        """Return the figures, for a table."""
        return {
            "image": self.image,
            "method": self.method,
            "setting": self.setting,
            "psnr": round(self.psnr, 3),
            "ssim": round(self.ssim, 4),
            "seconds": round(self.seconds, 3),
        }


def compare(scene: Scene, *, most_iterations: int = MOST_ITERATIONS) -> Iterator[Result]:
    """Yield the degraded image, the best of Wiener and of Richardson–Lucy, and the model's result without and with PSF.

    The classical methods get the true PSF and background, and their strength or number of iterations is chosen with the
    truth: nobody can do better with them. Richardson–Lucy ends after ``most_iterations``.
    """
    stored = np.asarray(scene.degraded.data, np.float32)
    yield _judge(scene, "blurred", "", 0.0, stored)
    yield _best_wiener(scene, stored)
    yield _best_richardson_lucy(scene, stored, most_iterations)
    model = load_model(scene.model)
    for psf in (None, scene.psf) if model.card.psf else (None,):
        start = time.perf_counter()
        restored = restore(scene.degraded, model, psf=psf, dtype="float32")
        seconds = time.perf_counter() - start
        method = "restored" if psf is None else "restored, PSF known"
        yield _judge(scene, method, scene.model, seconds, np.asarray(restored.data))


def _best_wiener(scene: Scene, stored: np.ndarray) -> Result:
    light, psf = _to_light(scene, stored), torch.from_numpy(scene.psf)

    def run(strength: float) -> Result:
        start = time.perf_counter()
        estimate = wiener(light, psf, strength)
        seconds = time.perf_counter() - start
        return _judge(scene, "Wiener", f"noise/signal {strength:g}", seconds, _to_stored(scene, estimate))

    return max(map(run, WIENER_STRENGTHS), key=lambda result: result.psnr)


def _best_richardson_lucy(scene: Scene, stored: np.ndarray, most_iterations: int) -> Result:
    start = time.perf_counter()
    iterates = richardson_lucy_iterates(_to_light(scene, stored), torch.from_numpy(scene.psf))
    best, best_count, best_psnr, seconds = stored, 0, -np.inf, 0.0
    for count, estimate in enumerate(islice(iterates, most_iterations), start=1):
        spent = time.perf_counter() - start
        pixels = _to_stored(scene, estimate)
        quality = psnr(pixels, scene.truth, photon_range(scene.truth))
        if quality > best_psnr:
            best, best_count, best_psnr, seconds = pixels, count, quality, spent
        if count - best_count >= PATIENCE:
            break
    return _judge(scene, "Richardson–Lucy", f"{best_count} iterations", seconds, best)


def _to_light(scene: Scene, stored: np.ndarray) -> Tensor:
    """Undo gamma and background, and put color samples first: the image in which the blur is a convolution."""
    values = np.moveaxis(stored, -1, 0) if scene.degraded.axes.endswith("S") else stored
    return torch.from_numpy(np.ascontiguousarray(values - scene.background)).clamp(min=0) ** scene.gamma


def _to_stored(scene: Scene, light: Tensor) -> np.ndarray:
    values = light.clamp(min=0).numpy() ** (1 / scene.gamma) + scene.background
    return np.moveaxis(values, 0, -1) if scene.degraded.axes.endswith("S") else values


def _judge(scene: Scene, method: str, setting: str, seconds: float, pixels: np.ndarray) -> Result:
    span = photon_range(scene.truth)
    planes: Callable[[np.ndarray], np.ndarray] = (
        (lambda values: np.moveaxis(values, -1, 0)) if scene.degraded.axes.endswith("S") else np.asarray
    )
    similarity = ssim(planes(pixels), planes(scene.truth), span)
    return Result(scene.name, method, setting, psnr(pixels, scene.truth, span), similarity, seconds, pixels)
