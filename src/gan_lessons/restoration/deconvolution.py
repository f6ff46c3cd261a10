"""The classical methods on whole layers: each time, channel and (with a PSF of one plane) plane by itself."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import numpy as np
import torch

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.restoration.deconvolver import Deconvolver, deconvolve_stacks
from gan_lessons.restoration.inputs import (
    as_image,
    has_opacity,
    nodata_of,
    output_dtype,
    split_channels,
    with_opacity,
    without_opacity,
)
from gan_lessons.restoration.network import CancelToken, find_device
from gan_lessons.restoration.progress import Callback, Counter
from gan_lessons.restoration.psfs import PSFs, psfs_by_channel
from gan_lessons.restoration.report import Report

if TYPE_CHECKING:
    pass

Picture = TypeVar("Picture")
Method = Literal["rl", "rl-tv", "wiener"]


def deconvolve(
    image: Picture,
    psf: PSFs,
    *,
    method: Method = "rl",
    iterations: int = 30,
    tv: float = 0.002,
    noise_to_signal: float = 0.01,
    background: float = 0.0,
    axes: str | None = None,
    dtype: str = "keep",
    device: str | torch.device | None = None,
    progress: Callback | None = None,
    cancel: threading.Event | None = None,
    report: Report | None = None,
) -> Picture:
    """Deconvolve an image by a classical method, in whole planes or, with a PSF of (Z, Y, X), whole stacks.

    Parameters
    ----------
    image : numpy array, dask array or Image
        A dask array gives a dask array that is deconvolved as it is computed, a plane or a stack at a time.
    psf : array, Microscope, or mapping of channel (index or name) to either
        In the image's pixels. A microscope's is (Z, Y, X) where the image has more than one plane. Channels without one
        stay as they are.
    method : {"rl", "rl-tv", "wiener"}
        `richardson_lucy`, the same with total variation, or `wiener`.
    iterations : int
        Of Richardson–Lucy, from 1: more give sharper and noisier images.
    tv : float
        Strength of the total variation.
    noise_to_signal : float
        For Wiener, > 0.
    background : float
        Of the image, in its units: Richardson–Lucy counts it as light that wasn't blurred, and it stays in the result.
    axes, dtype, device, report
        As in `restore`.
    progress : callable, optional
        Called with the numbers of iterations done and in all.
    cancel : threading.Event, optional
        Set it to stop after the iteration in progress.

    Raises
    ------
    InputError
        If the image and the PSF don't fit each other, or a setting can't be; one line says why and what to do.
    Cancelled
        If ``cancel`` was set.
    """
    picture = as_image(image, axes)
    _check(method, iterations, tv, noise_to_signal, background, picture.name)
    report = Report() if report is None else report
    colors = without_opacity(picture) if has_opacity(picture) else picture
    layout, data = split_channels(colors, together=False)
    dimensions = _dimensions(psf, colors)
    report.method, report.clipped = method, 0
    report.settings = {"iterations": iterations, "background": background, "dtype": dtype}
    if method == "wiener":
        report.settings = {"noise_to_signal": noise_to_signal, "dtype": dtype}
    elif method == "rl-tv":
        report.settings["tv"] = tv

    one_by_one = 1 if dimensions == 3 else data.shape[2]
    steps = 1 if method == "wiener" else iterations
    deconvolver = Deconvolver(
        method=method,
        iterations=iterations,
        tv=tv if method == "rl-tv" else 0.0,
        noise_to_signal=noise_to_signal,
        background=background,
        kernels=psfs_by_channel(psf, colors, data.shape[1], dimensions),
        device=find_device(device),
        dtype=output_dtype(colors, dtype),
        nodata=nodata_of(colors),
        token=CancelToken(cancel),
        counter=Counter(data.shape[0] * data.shape[1] * one_by_one * steps, progress),
        report=report,
    )
    planes = [slice(None)] if dimensions == 3 else [slice(z, z + 1) for z in range(data.shape[2])]
    restored = colors.with_data(layout.original(deconvolve_stacks(data, deconvolver, planes)))
    result = restored if colors is picture else with_opacity(restored, picture)
    return result if isinstance(image, Image) else result.data  # type: ignore[return-value]


def _dimensions(psf: PSFs, image: Image) -> int:
    """Tell from the PSFs whether they are of planes or of stacks."""
    kinds = set()
    for one in psf.values() if isinstance(psf, dict) else [psf]:
        microscope = not isinstance(one, np.ndarray)
        kinds.add((3 if image.sizes.get("Z", 1) > 1 else 2) if microscope else one.ndim)  # type: ignore[union-attr]
    if kinds <= {2}:
        return 2
    if kinds != {3}:
        raise InputError(f"{image.name}: PSFs have {sorted(kinds)} dimensions; expected all (Y, X) or all (Z, Y, X)")
    if "Z" not in image.sizes:
        raise InputError(f"{image.name}: the PSF is (Z, Y, X), but axes {image.axes} have no Z; give its middle plane")
    return 3


def _check(method: str, iterations: int, tv: float, noise_to_signal: float, background: float, name: str) -> None:
    def expect(good: bool, found: str, expected: str) -> None:
        if not good:
            raise InputError(f"{name}: {found}; expected {expected}")

    expect(method in get_args(Method), f"method {method!r}", " or ".join(map(repr, get_args(Method))))
    expect(iterations >= 1, f"{iterations} iterations", "1 or more")
    expect(0 <= tv <= 0.1, f"total variation of strength {tv:g}", "0 to 0.1")
    expect(0 < noise_to_signal < np.inf, f"noise to signal {noise_to_signal:g}", "a positive ratio, about 0.001 to 0.1")
    expect(0 <= background < np.inf, f"background {background:g}", "a number from 0, in the image's units")
