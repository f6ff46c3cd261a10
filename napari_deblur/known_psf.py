"""What is known of a PSF, as it was when Run was clicked; it becomes kernels where the image is, in the thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.image import Image

if TYPE_CHECKING:
    from gan_lessons.degradations import Microscope
    from gan_lessons.image import Array
    from gan_lessons.restoration.psfs import PSFs

UNKNOWN, OPTICS, LAYER = "unknown", "from the optics", "from a layer"
BEADS, ESTIMATE = "measured from beads", "estimated from the image"


@dataclass(frozen=True, eq=False)
class KnownPSF:
    """Where a PSF comes from.

    Parameters
    ----------
    kind : str
        One of the five constants of this module.
    scopes : Microscope or mapping of channel to Microscope, optional
    pixels : array, optional
        The PSF itself, or the image of beads.
    name, path, axes : str
        Of the layer that holds the pixels, and of its file.
    """

    kind: str = UNKNOWN
    scopes: Microscope | Mapping[int, Microscope] | None = None
    pixels: Array | None = None
    name: str = ""
    path: str = ""
    axes: str = ""

    def of(self, image: Image) -> PSFs | None:
        """Return what `gan_lessons.restore` takes as ``psf``; measures or estimates it where that is asked for."""
        if self.kind == LAYER:
            return np.asarray(self.pixels)
        if self.kind == BEADS:
            from gan_lessons.degradations import measure_psf

            return measure_psf(np.asarray(self.pixels), name=self.name).psf
        if self.kind == ESTIMATE:
            from gan_lessons.restoration import estimate_psf

            return {channel: found.psf for channel, found in enumerate(estimate_psf(image))}
        return self.scopes  # type: ignore[return-value]  # a mapping's keys are invariant

    def numbers(self) -> dict[str, Any]:
        """Return the microscope's numbers, for a provenance; a wavelength a channel where they differ."""
        if self.scopes is None:
            return {}
        if not isinstance(self.scopes, Mapping):
            return asdict(self.scopes)
        scopes = list(self.scopes.values())
        return {**asdict(scopes[0]), "wavelength_nm": [scope.wavelength_nm for scope in scopes]}

    def at(self, pixel_um: float | None, z_step_um: float | None, emission_nm: float | None = None) -> KnownPSF:
        """Return the same optics over another image's pixels and light; where None, as they were."""
        changes = {"pixel_size_um": pixel_um, "z_step_um": z_step_um, "wavelength_nm": emission_nm}
        known: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
        if self.scopes is None:
            return self
        if isinstance(self.scopes, Mapping):
            return replace(self, scopes={channel: replace(one, **known) for channel, one in self.scopes.items()})
        return replace(self, scopes=replace(self.scopes, **known))


def parse_wavelengths(text: str, channels: int | None) -> list[float]:
    """Read nanometers, one for all channels or one a channel; None for as many channels as there are numbers.

    Raises
    ------
    InputError
        If a word isn't a number, or there is another count of them.

    >>> parse_wavelengths("461, 520", 2)
    [461.0, 520.0]
    """
    try:
        found = [float(word) for word in text.replace("nm", "").split(",")]
    except ValueError as error:
        raise InputError(f"emission {text!r}: expected nanometers, for example 520, or 461, 520") from error
    if channels and len(found) not in (1, channels):
        raise InputError(f"emission {text!r}: {len(found)} wavelengths for {channels} channels; give one for each")
    return found
