"""The classical methods on whole layers: each time, channel and (with a PSF of one plane) plane by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

import numpy as np
import torch
from torch import Tensor

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.restoration.gaps import fill_gaps, find_gaps
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
from gan_lessons.restoration.output import to_pixels
from gan_lessons.restoration.progress import Callback, Counter
from gan_lessons.restoration.psfs import PSFs, psfs_by_channel
from gan_lessons.restoration.report import Report
from gan_lessons.restoration.richardson_lucy import richardson_lucy_iterates
from gan_lessons.restoration.wiener import wiener

if TYPE_CHECKING:
    from gan_lessons.image import Array

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
    restored = colors.with_data(layout.original(_run(data, deconvolver, planes)))
    result = restored if colors is picture else with_opacity(restored, picture)
    return result if isinstance(image, Image) else result.data  # type: ignore[return-value]


@dataclass(frozen=True, eq=False)
class Deconvolver:
    """All that a volume's deconvolution depends on besides its pixels; see `deconvolve`."""

    method: str
    iterations: int
    tv: float
    noise_to_signal: float
    background: float
    kernels: list[np.ndarray | None]
    device: torch.device
    dtype: np.dtype
    nodata: float | None
    token: CancelToken
    counter: Counter
    report: Report

    def volume(self, pixels: np.ndarray, channel: int) -> np.ndarray:
        """Deconvolve (Z, Y, X), or (1, Y, X) with a kernel of one plane."""
        kernel = self.kernels[channel]
        gaps = find_gaps(pixels, self.nodata)
        if kernel is None or (gaps is not None and gaps.all()):
            return pixels.astype(self.dtype)
        floating = np.result_type(pixels.dtype, np.float32).newbyteorder("=")  # float64 where float32 would lose digits
        values = pixels.astype(floating)
        if gaps is not None:
            known = values[~gaps]
            values = fill_gaps(values, gaps, float(known.mean())).astype(floating)
        with self.token.turn(), torch.inference_mode():
            image = torch.from_numpy(values).to(self.device)
            valid = None if gaps is None else torch.from_numpy(~gaps).to(self.device)
            restored = self._last(image, kernel, valid).cpu().numpy()
        result, clipped = to_pixels(restored, pixels, gaps, self.dtype, self.nodata)
        self.report.clipped += clipped
        return result

    def _last(self, image: Tensor, kernel: np.ndarray, valid: Tensor | None) -> Tensor:
        last = image
        for iterate in self._iterates(image, torch.from_numpy(kernel), valid):
            self.token.check()
            self.counter.step()
            last = iterate
        return last

    def _iterates(self, image: Tensor, psf: Tensor, valid: Tensor | None) -> Iterator[Tensor]:
        if self.method == "wiener":
            yield wiener(image, psf, self.noise_to_signal)
            return
        iterates = richardson_lucy_iterates(image, psf, background=self.background, tv=self.tv, valid=valid)
        for iterate in islice(iterates, self.iterations):
            yield iterate + self.background


def _run(data: Array, deconvolver: Deconvolver, planes: list[slice]) -> Array:
    """Deconvolve (T, C, Z, 1, Y, X), a volume or plane at a time."""
    if isinstance(data, np.ndarray):
        result = np.empty_like(data, dtype=deconvolver.dtype)
        for time, channel in np.ndindex(data.shape[:2]):
            for box in planes:
                result[time, channel, box, 0] = deconvolver.volume(data[time, channel, box, 0], channel)
        return result
    return _promise(data, deconvolver, planes)


def _promise(data: Any, deconvolver: Deconvolver, planes: list[slice]) -> Array:
    import dask.array
    from dask.delayed import delayed

    later = delayed(deconvolver.volume, pure=False)
    stacks = []
    for time, channel in np.ndindex(data.shape[:2]):
        boxes = [data[time, channel, box, 0] for box in planes]
        volumes = [dask.array.from_delayed(later(box, channel), box.shape, deconvolver.dtype) for box in boxes]
        stacks.append(dask.array.concatenate(volumes))
    return dask.array.stack(stacks).reshape(data.shape)


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
