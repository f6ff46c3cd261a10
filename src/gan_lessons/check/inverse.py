"""Lesson 0: blur, and the ways back from it. Answers work on float64 numpy arrays (Y, X)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage
from scipy.special import ndtr

from gan_lessons.check.exercise import array_of, compare, exercise, require

Answer = Callable[..., Any]

# Not symmetric, so that a kernel that is turned around or shifted shows.
LOPSIDED = np.array([[0.0, 1, 0, 0, 0], [0, 2, 4, 0, 0], [1, 3, 9, 5, 2], [0, 0, 3, 1, 0], [0, 0, 0, 0, 4]]) / 35
SCENE = np.random.default_rng(0).gamma(1.0, 20.0, (24, 27)) + 5.0
BORDERS = {"constant": "constant", "symmetric": "reflect"}  # numpy's names → scipy.ndimage's


def _blur(image: np.ndarray, psf: np.ndarray, border: str = "constant") -> np.ndarray:
    return ndimage.convolve(image, psf, mode=BORDERS[border])


def _transfer(psf: np.ndarray, shape: tuple[int, int], *, centered: bool = True) -> np.ndarray:
    grid = np.zeros(shape)
    grid[: psf.shape[0], : psf.shape[1]] = psf
    return np.fft.fft2(np.roll(grid, [-(side // 2) for side in psf.shape], (0, 1)) if centered else grid)


@exercise
def gaussian_psf(answer: Answer) -> str:
    """Check ``gaussian_psf(sigma, side)``: the light of a Gaussian spot that each pixel collects, sum 1."""
    sigma, side = 0.6, 5  # narrow, so that a pixel's middle and its area differ
    psf = array_of("gaussian_psf", answer(sigma, side), (side, side))
    centers = np.exp(-((np.arange(side) - side // 2) ** 2) / (2 * sigma**2))
    sampled = np.outer(centers, centers)
    total = psf.sum()
    require(
        bool(np.isclose(total, 1)),
        f"gaussian_psf: it sums to {total:.4g}; expected 1. Blur moves light and makes none: divide by the sum.",
    )
    row, column = ndimage.center_of_mass(psf)
    require(
        abs(row - 2) + abs(column - 2) < 1e-6,
        f"gaussian_psf: the spot lies at ({row:.2f}, {column:.2f}); expected the middle pixel, (2, 2).",
    )
    mistakes = {
        "it is the Gaussian at the pixels' middles. A pixel collects light over its whole area: integrate.": sampled
        / sampled.sum(),
        "sigma is taken twice as large: a Gaussian's exponent is x² / (2 sigma²).": _gaussian(sigma * np.sqrt(2), side),
    }
    compare("gaussian_psf", psf, _gaussian(sigma, side), mistakes)
    return "each pixel holds the light that falls on its area; sum 1, centered."


@exercise
def convolve(answer: Answer) -> str:
    """Check ``convolve(image, psf, border)``, with the borders "constant" (dark) and "symmetric" (mirror image)."""
    for border in ("constant", "symmetric"):
        blurred = array_of("convolve", answer(SCENE, LOPSIDED, border), SCENE.shape)
        other = "symmetric" if border == "constant" else "constant"
        mistakes = {
            "the PSF is turned around. That is correlation: a point must become the PSF as it is.": _blur(
                SCENE, LOPSIDED[::-1, ::-1], border
            ),
            "rows and columns of the PSF are exchanged.": _blur(SCENE, LOPSIDED.T, border),
            f"the border is as with {other!r} where {border!r} was asked for: hand it on to np.pad.": _blur(
                SCENE, LOPSIDED, other
            ),
            "the result is the image itself: the PSF isn't used.": SCENE,
        }
        for shift in ((1, 1), (-1, -1), (2, 2), (-2, -2)):
            sentence = f"the blurred image lies {shift[0]:+d} pixels off in both directions: align the PSF's middle."
            kernel = ndimage.shift(np.pad(LOPSIDED, 2), shift, order=0)
            mistakes[sentence] = _blur(SCENE, kernel, border)
        compare("convolve", blurred, _blur(SCENE, LOPSIDED, border), mistakes)
    return "equal to scipy.ndimage.convolve, with both borders."


@exercise
def transfer(answer: Answer) -> str:
    """Check ``transfer(psf, shape)``: the OTF on the FFT's grid, (Y, X) complex, 1 at frequency 0."""
    found = array_of("transfer", answer(LOPSIDED, SCENE.shape), SCENE.shape)
    right = _transfer(LOPSIDED, SCENE.shape)
    mistakes = {
        "the PSF's middle isn't at index (0, 0), so whatever it filters moves: roll it there.": _transfer(
            LOPSIDED, SCENE.shape, centered=False
        ),
        "this is |H|. The phase is needed too: it says where the light goes.": np.abs(right),
        "frequency 0 lies in the middle (fftshift); fft2 of the image has it at (0, 0).": np.fft.fftshift(right),
        "this is the PSF on the grid, not yet its Fourier transform.": np.fft.ifft2(right).real,
    }
    compare("transfer", found, right, mistakes)
    return "1 at frequency 0, and no shift."


@exercise
def wiener(answer: Answer) -> str:
    """Check ``wiener(image, psf, noise_to_signal)``: periodic border, the mean kept."""
    ratio, mean = 0.02, SCENE.mean()
    h = _transfer(LOPSIDED, SCENE.shape)

    def filtered(gain: np.ndarray, image: np.ndarray = SCENE - mean, offset: float = mean) -> np.ndarray:
        return np.fft.ifft2(np.fft.fft2(image) * gain).real + offset

    power = np.abs(h) ** 2
    mistakes = {
        "the conjugate of H is missing: the phase is turned on, where it should be turned back.": filtered(
            h / (power + ratio)
        ),
        "the denominator has |H| where |H|² belongs.": filtered(h.conj() / (np.abs(h) + ratio)),
        "noise_to_signal isn't used: this is division by H, and noise explodes where H is small.": filtered(1 / h),
        "noise_to_signal is squared; it is a ratio of powers already.": filtered(h.conj() / (power + ratio**2)),
        f"the image gets darker, by 1 / (1 + noise_to_signal): its mean is {mean / (1 + ratio):.2f} and should stay "
        f"{mean:.2f}. Filter image - mean, and add the mean afterwards.": filtered(
            h.conj() / (power + ratio), SCENE, 0.0
        ),
        "the mean is missing: add it after filtering.": filtered(h.conj() / (power + ratio), offset=0.0),
    }
    found = array_of("wiener", answer(SCENE, LOPSIDED, ratio), SCENE.shape)
    require(np.isrealobj(found), "wiener: the result is complex; take its real part.")
    compare("wiener", found, filtered(h.conj() / (power + ratio)), mistakes)
    return "the gain is conj(H) / (|H|² + noise_to_signal), and the mean stays."


@exercise
def richardson_lucy(answer: Answer) -> str:
    """Check ``richardson_lucy(image, psf, iterations)``: from any constant (it cancels), dark beyond the border."""

    def iterate(
        steps: int, *, flipped: bool = True, inverted: bool = False, additive: bool = False, start: Any = None
    ) -> np.ndarray:
        x = np.full(SCENE.shape, SCENE.mean()) if start is None else start
        for _ in range(steps):
            again = _blur(x, LOPSIDED)
            ratio = again / SCENE if inverted else SCENE - again if additive else SCENE / again
            back = _blur(ratio, LOPSIDED[::-1, ::-1] if flipped else LOPSIDED)
            x = x + back if additive else x * back
        return x

    steps = 4
    found = array_of("richardson_lucy", answer(SCENE, LOPSIDED, steps), SCENE.shape)
    mistakes = {
        "the ratio goes back through the PSF as it is; turn it around (psf[::-1, ::-1]) on the way back.": iterate(
            steps, flipped=False
        ),
        "the ratio is upside down: recorded / blurred, so that the estimate grows where it is too dark.": iterate(
            steps, inverted=True
        ),
        "the correction is a difference that is added (Landweber); Richardson–Lucy multiplies by a ratio.": iterate(
            steps, additive=True
        ),
        "it starts from the recorded image: start flat, so that no noise is built in.": iterate(steps, start=SCENE),
        "it makes one iteration too few.": iterate(steps - 1),
        "it makes one iteration too many.": iterate(steps + 1),
        "it makes one iteration, whatever is asked for: does `return` stand inside the loop?": iterate(1),
    }
    compare("richardson_lucy", found, iterate(steps), mistakes)
    return "positive, and as bright as the image."


def _gaussian(sigma: float, side: int) -> np.ndarray:
    line = np.diff(ndtr((np.arange(side + 1) - side / 2) / sigma))
    return np.outer(line, line) / line.sum() ** 2
