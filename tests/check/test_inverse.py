"""Right answers from scipy, scikit-image and the library pass; wrong ones are tried in tests/tutorials."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.restoration
import torch
from scipy import ndimage, signal

from gan_lessons import check, restoration
from gan_lessons.degradations import GaussianBlur


def _padded_kernel(sigma: float, side: int) -> np.ndarray:
    kernel = GaussianBlur((sigma, sigma)).kernel().astype(np.float64)
    spare = (len(kernel) - side) // 2
    cut = kernel[spare : spare + side, spare : spare + side]
    return cut / cut.sum()


def _convolve(image: np.ndarray, psf: np.ndarray, border: str) -> np.ndarray:
    if border == "constant":
        return signal.convolve(image, psf, mode="same")
    return ndimage.convolve(image, psf, mode="reflect")


def _transfer(psf: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    impulse = np.zeros(shape)
    impulse[0, 0] = 1
    return np.fft.fft2(ndimage.convolve(impulse, psf, mode="wrap"))


def _wiener(image: np.ndarray, psf: np.ndarray, noise_to_signal: float) -> torch.Tensor:
    tensors = torch.from_numpy(image), torch.from_numpy(psf)
    return restoration.wiener(*tensors, noise_to_signal, boundary="periodic")


def _richardson_lucy(image: np.ndarray, psf: np.ndarray, iterations: int) -> np.ndarray:
    return skimage.restoration.richardson_lucy(image, psf, iterations, clip=False)


@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        (check.gaussian_psf, _padded_kernel),
        (check.convolve, _convolve),
        (check.transfer, _transfer),
        (check.wiener, _wiener),
        (check.richardson_lucy, _richardson_lucy),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_right_answers_from_elsewhere_pass(judge, answer, capsys):
    judge(answer)
    assert capsys.readouterr().out.startswith(f"✓ {judge.__name__}:")


def test_an_unknown_mistake_is_located():
    def spoiled(psf: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        otf = _transfer(psf, shape)
        otf[3, 5] = 40
        return otf

    with pytest.raises(check.NotYet, match=r"at \(3, 5\) it gives 40"):
        check.transfer(spoiled)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda image, psf, ratio: None, "returns nothing yet"),
        (lambda image, psf, ratio: ..., "returns nothing yet"),
        (lambda image, psf, ratio: "sharp", "expected an array of numbers"),
        (lambda image, psf, ratio: image[1:], "returns the shape"),
        (lambda image, psf, ratio: image * np.nan, "isn't finite"),
        (lambda image, psf, ratio: 1 / 0, "stopped with ZeroDivisionError"),
        (lambda image: image, "stopped with TypeError"),
        ("wiener", "without brackets"),
    ],
)
def test_what_is_no_answer_is_told_so(answer, words):
    with pytest.raises(check.NotYet, match=words):
        check.wiener(answer)


def test_a_fault_in_the_answer_keeps_its_cause():
    with pytest.raises(check.NotYet) as caught:
        check.wiener(lambda image, psf, ratio: 1 / 0)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
