"""What the *Fine-tune* form says, frozen as Start is clicked: it is sent to the process that trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from napari_deblur.known_psf import KnownPSF
from napari_deblur.layers import Source

PAIR, SHARP, BLURRED = "a pair of layers", "a sharp layer and its PSF", "a blurred layer and its PSF"
MOST_PIXELS = 2**25
"""As the library has it: asked before a lazy layer is read."""


@dataclass(frozen=True, eq=False)
class FinetuneRequest:
    """One model to fine-tune, and on what.

    Parameters
    ----------
    kind : str
        One of the three constants of this module.
    model, out : str
        The name (or file) to begin with, and the name of the result among the user's own models.
    raw, reference, noise_like : Image, optional
        The recorded layer, the reference or sharp layer, and the layer to estimate the camera's noise from.
    psf : KnownPSF
    photons : float
        At the brightest of a sharp layer; it counts where there is no ``noise_like``.
    ssim_weight, minutes : float
    steps : int, optional
        None for as many as the minutes allow.
    validation : tuple of slices, optional
        Rows and columns; None for the library's choice.
    register : bool, optional
        Whether a shifted reference is moved; None to ask where it is.
    device : str
    resume : bool
    sources : mapping
        By the field's name (``"raw"`` …): the file that the layer is from.
    """

    kind: str
    model: str
    out: str
    raw: Image | None = None
    reference: Image | None = None
    noise_like: Image | None = None
    psf: KnownPSF = field(default_factory=KnownPSF)
    photons: float = 100.0
    ssim_weight: float = 0.5
    minutes: float = 5.0
    steps: int | None = None
    validation: tuple[slice, slice] | None = None
    register: bool | None = None
    device: str = "cpu"
    resume: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def main(self) -> Image:
        """The image that the validation region and the PSF refer to."""
        image = self.reference if self.kind == SHARP else self.raw
        assert image is not None, "the form gives it"
        return image

    def in_memory(self) -> FinetuneRequest:
        """Return the same with its lazy layers computed.

        Raises
        ------
        InputError
            If a layer is too large.
        """
        raw, reference, noise_like = (_computed(image) for image in (self.raw, self.reference, self.noise_like))
        return replace(self, raw=raw, reference=reference, noise_like=noise_like)


def _computed(image: Image | None) -> Image | None:
    if image is None:
        return None
    if image.data.size > MOST_PIXELS:
        raise InputError(
            f"{image.name}: {image.data.size:,} pixels; expected at most {MOST_PIXELS:,}: crop it, or take fewer times"
        )
    return image.with_data(np.asarray(image.data))
