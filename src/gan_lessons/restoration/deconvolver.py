"""Deconvolve one plane or stack of one channel, and all of them, now or later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gan_lessons.restoration.gaps import fill_gaps, find_gaps
from gan_lessons.restoration.network import CancelToken
from gan_lessons.restoration.output import to_pixels
from gan_lessons.restoration.progress import Counter
from gan_lessons.restoration.report import Report
from gan_lessons.restoration.richardson_lucy import richardson_lucy_iterates
from gan_lessons.restoration.wiener import wiener

if TYPE_CHECKING:
    from gan_lessons.image import Array


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


def deconvolve_stacks(data: Array, deconvolver: Deconvolver, planes: list[slice]) -> Array:
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
