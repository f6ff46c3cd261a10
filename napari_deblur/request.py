"""What the form says, frozen as Run is clicked: later changes don't reach the thread."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_lessons.image import Image
from napari_deblur.known_psf import KnownPSF
from napari_deblur.layers import Source

CLASSICAL = ("rl", "rl-tv", "wiener")


@dataclass(frozen=True)
class Request:
    """One image to restore, and how.

    Parameters
    ----------
    image : Image
    method : str
        A shipped model's name, a model file, or a classical method.
    psf : KnownPSF
    options : mapping
        Keyword arguments of `gan_lessons.restore` or `gan_lessons.deconvolve`: the method's numbers, type, device.
    tile : int, optional
        Pixels; only networks are restored in tiles.
    store : Path, optional
        A Zarr store to write the result into.
    lazy : bool
        Whether the result is computed as it is viewed.
    source : Source
        The file that the image is from.
    """

    image: Image
    method: str
    psf: KnownPSF = field(default_factory=KnownPSF)
    options: Mapping[str, Any] = field(default_factory=dict)
    tile: int | None = None
    store: Path | None = None
    lazy: bool = False
    source: Source = field(default_factory=Source)

    @property
    def classical(self) -> bool:
        """Whether no network is used."""
        return self.method in CLASSICAL

    @property
    def label(self) -> str:
        """The method's name, short."""
        return Path(self.method).stem

    def over(self, image: Image) -> Request:
        """Return the same request of another image's pixels."""
        return dataclasses.replace(self, image=image)
