"""Restore a whole layer or file: numpy to numpy, dask to dask, Image to Image."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Image, Normalization
from gan_lessons.restoration.blur_estimate import LARGEST, OWN, estimate_missing
from gan_lessons.restoration.choice import choose_model
from gan_lessons.restoration.guides import Guides
from gan_lessons.restoration.inputs import (
    as_image,
    has_opacity,
    nodata_of,
    output_dtype,
    split_channels,
    with_opacity,
    without_opacity,
)
from gan_lessons.restoration.likeness import SIDE, warn_if_for_looks, warn_if_unlike
from gan_lessons.restoration.network import CancelToken, find_device, on_device
from gan_lessons.restoration.progress import Callback, Counter
from gan_lessons.restoration.psfs import PSFs, psfs_by_channel
from gan_lessons.restoration.report import Report
from gan_lessons.restoration.restorer import Restorer
from gan_lessons.restoration.self_ensemble import DEFAULT, check_size
from gan_lessons.restoration.statistics import measure_channels, middle_of
from gan_lessons.restoration.sweep import restore_later, restore_now
from gan_lessons.restoration.tiles import block_size, tile_grid, tile_size
from gan_lessons.zoo import Model

Picture = TypeVar("Picture")


def restore(
    image: Picture,
    model: Model | str | Path | None = None,
    *,
    axes: str | None = None,
    psf: PSFs | None = None,
    tile: int | None = None,
    self_ensemble: int | None = None,
    dtype: str = "keep",
    device: str | torch.device | None = None,
    progress: Callback | None = None,
    cancel: threading.Event | None = None,
    normalizations: Sequence[Normalization] | None = None,
    report: Report | None = None,
) -> Picture:
    """Restore an image with a trained model.

    The result has the image's shape and units: ``restore(a·x + b) = a·restore(x) + b`` for a > 0 in floating point.
    Pixels without a value (nan, infinite, nodata) stay as they are, and the size of the tiles changes nothing.

    Parameters
    ----------
    image : numpy array, dask array or Image
        Real numbers. A dask array gives a dask array that is restored as it is computed; only the percentiles of each
        channel are read at once, from up to 64 planes.
    model : Model, str or path, optional
        A shipped model's name, a model file, or a loaded model. It may be left out where the axes leave one choice.
    axes : str, optional
        One letter a dimension out of ``TCZYXS``; needed for arrays of more than two. ``Image`` knows its own.
    psf : array, Microscope, or mapping of channel (index or name) to either, optional
        (Y, X), or (Z, Y, X) for a model of stacks; in the image's pixels. Channels without one are restored with the
        PSF that fine-tuning measured, where the model holds one, or blindly: with an estimate of their blur where the
        model has a gauge for it (``fluo-2d``).
    tile : int, optional
        Side of the tiles in pixels, without the margin that is computed around them; as large as memory allows. A
        network that looks at the whole plane gets it in one piece unless tiles are asked for; a warning tells. In a
        stack with a PSF, blocks of 256 pixels are deconvolved first, anew for each tile: small ones only take longer.
    self_ensemble : int, optional
        1, 2, 4 or 8 positions (mirrored, turned) in which each plane is restored, to average the results (Lim et al.
        2017, arXiv:1707.02921): four gain 0.2 dB, and take four times the network's time. By default 4 where a known
        PSF is deconvolved first, which takes as long, else 1.
    dtype : {"keep", "float32"}
        Of the result. Integers are rounded and clipped to their limits; the report counts the clipped pixels.
    device : str, optional
        ``"cpu"`` by default.
    progress : callable, optional
        Called with the numbers of tiles done and in all.
    cancel : threading.Event, optional
        Set it to stop within a second.
    normalizations : sequence of Normalization, optional
        One a channel, by `measure`: of the layer that the image is a part of (a preview, say).
    report : Report, optional
        Is filled with what was done.

    Raises
    ------
    InputError
        If the image, the model and the PSF don't fit each other; one line says why and what to do.
    Cancelled
        If ``cancel`` was set.
    """
    picture = as_image(image, axes)
    chosen = choose_model(model, picture)
    report = Report() if report is None else report
    colors = _colors(picture, chosen)
    layout, data = split_channels(colors, together=chosen.card.axes == "YXC")

    card, generator, nodata = chosen.card, chosen.generator, nodata_of(colors)
    # What is quickly refused comes before the layer is read for its statistics.
    if self_ensemble is not None:
        check_size(self_ensemble)
    found_device, found_dtype, token = find_device(device), output_dtype(colors, dtype), CancelToken(cancel)
    kernels = _kernels(chosen, psf, colors, data.shape[1])
    blind = chosen.gauge is not None and chosen.psf is None and any(kernel is None for kernel in kernels)
    # Read once for both that look at it: of a lazy layer it is computed each time.
    middles = [middle_of(data[:, channel], LARGEST if blind else SIDE, nodata) for channel in range(data.shape[1])]
    if normalizations is None:
        normalizations = measure_channels(data, card.low, card.high, nodata, colors.name, card.darkest)
        warn_if_unlike(middles, normalizations, card, colors.name)
        warn_if_for_looks(card, colors.name)
    elif len(normalizations) != data.shape[1]:
        found = f"{len(normalizations)} normalizations for {data.shape[1]} channels"
        raise InputError(f"{colors.name}: {found}; give one a channel, as measure does")
    origins = estimate_missing(kernels, chosen, middles)
    guides = _guides(kernels, origins, generator.guides)
    deconvolved = any(one is not None and one.iterations is not None for one in guides)
    restorer = Restorer(
        on_device(generator, found_device),
        context=generator.in_channels if card.axes == "ZYX" else 1,
        guides=guides,
        normalizations=list(normalizations),
        device=found_device,
        dtype=found_dtype,
        ensemble=self_ensemble or (DEFAULT if deconvolved else 1),
        keeps_flux=card.keeps_flux,
        nodata=nodata,
        token=token,
        report=report,
    )
    volume, lazy = (data.shape[2], *data.shape[4:]), not isinstance(data, np.ndarray)
    if not generator.tileable:
        tile = _warn_of_tiles(chosen, tile, volume, colors.name)
    size = tile_size(tile, volume, generator.stride, restorer.halo[1], restorer.margin[0], lazy)
    block = block_size(volume) if restorer.in_blocks else None
    size = size if block is None else (block[0], min(size[1], block[1]), min(size[2], block[2]))
    tiles = list(tile_grid(volume, size, restorer.halo, restorer.margin, block))
    _tell(report, chosen, restorer, size, origins)

    counter = Counter(data.shape[0] * data.shape[1] * len(tiles), progress)
    if isinstance(data, np.ndarray):
        restored = colors.with_data(layout.original(restore_now(data, restorer, tiles, counter)))
    else:
        restored = colors.with_data(layout.original(restore_later(data, restorer, tiles, counter)))
    result = restored if colors is picture else with_opacity(restored, picture)
    return result if isinstance(image, Image) else result.data  # type: ignore[return-value]


def measure(image: Any, model: Model | str | Path | None = None, *, axes: str | None = None) -> list[Normalization]:
    """Return the normalization of each channel as `restore` takes it from the whole image."""
    picture = as_image(image, axes)
    chosen = choose_model(model, picture)
    colors = _colors(picture, chosen)
    _, data = split_channels(colors, together=chosen.card.axes == "YXC")
    return measure_channels(
        data, chosen.card.low, chosen.card.high, nodata_of(colors), colors.name, chosen.card.darkest
    )


def _colors(picture: Image, model: Model) -> Image:
    samples = model.generator.in_channels if model.card.axes == "YXC" else 1
    return without_opacity(picture) if has_opacity(picture, samples) else picture


def _kernels(model: Model, psf: PSFs | None, image: Image, channels: int) -> list[np.ndarray | None]:
    if psf is not None and not model.card.psf:
        raise InputError(f"{image.name}: model {model.card.name} takes no PSF; leave it out, or take a model that does")
    return psfs_by_channel(psf, image, channels, dimensions=3 if model.card.axes == "ZYX" else 2)


def _guides(kernels: list[np.ndarray | None], origins: list[str], count: int) -> list[Guides | None]:
    made: dict[int, Guides] = {}  # the same kernel in all channels is prepared once
    for kernel, origin in zip(kernels, origins, strict=True):
        if kernel is not None and id(kernel) not in made:
            made[id(kernel)] = Guides(torch.from_numpy(kernel), count, trusted=origin in ("given", OWN))
    return [None if kernel is None else made[id(kernel)] for kernel in kernels]


def _warn_of_tiles(model: Model, tile: int | None, volume: Sequence[int], name: str) -> int:
    """Return the tile's side for a network that looks at the whole plane: the plane's, unless the user wants tiles."""
    if tile is None:
        what = "each plane is restored in one piece, and a part of it alone would come out differently"
    else:
        what = f"tiles of {tile} pixels are restored apart and may not match; leave the tile out to avoid that"
    text = f"{name}: model {model.card.name} looks at the whole plane (a norm, attention or pooling over space): {what}"
    warnings.warn(text, InputWarning, stacklevel=3)
    return tile or max(volume[1:])


def _tell(report: Report, model: Model, restorer: Restorer, size: Sequence[int], psf: list[str]) -> None:
    report.method, report.model_sha256 = model.card.name, model.sha256
    report.normalization = [asdict(one) for one in restorer.normalizations]
    report.clipped = 0
    report.settings = {
        "tile": list(size),
        "halo": list(restorer.halo),
        "self_ensemble": restorer.ensemble,
        "dtype": restorer.dtype.name,
        "device": str(restorer.device),
        "psf": psf,
    }
