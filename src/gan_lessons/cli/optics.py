"""The PSF that the options describe: a file's, measured, estimated, or a microscope's at the image's pixel size."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lessons.cli.options import parse_numbers
from gan_lessons.errors import InputError, InputWarning

if TYPE_CHECKING:
    import numpy as np

    from gan_lessons.image import Image
    from gan_lessons.restoration.psfs import PSFs

INDICES = {"air": 1.0, "water": 1.33, "silicone": 1.405, "glycerol": 1.473, "oil": 1.515}
DIFFERENT = 0.02  # relative; pixel sizes are seldom known better


@dataclass(frozen=True)
class Optics:
    """The options as given; see their help."""

    psf: Path | None = None
    na: float | None = None
    wavelength: str | None = None
    immersion: str = "air"
    sample_index: float = 1.33
    depth: float = 0.0
    confocal: float | None = None
    beads: Path | None = None
    estimate: bool = False

    def __post_init__(self) -> None:
        microscope = self.na is not None or self.wavelength is not None or self.confocal is not None
        ways = {"--psf": self.psf, "--beads": self.beads, "--estimate-psf": self.estimate}
        given = [name for name, value in ways.items() if value] + ["--na, --wavelength or --confocal"] * microscope
        if len(given) > 1:
            raise InputError(f"{' and '.join(given)}: each says what the PSF is; give one of them")
        if microscope and (self.na is None or self.wavelength is None):
            missing = "--na" if self.na is None else "--wavelength"
            raise InputError(f"the microscope needs --na and --wavelength; {missing} is missing")

    def psf_of(self, image: Image) -> PSFs | None:
        """Return what `restore` takes as its PSF, or None."""
        if self.psf:
            return _read_psf(self.psf, image)
        if self.beads:
            from gan_lessons.degradations import measure_psf

            return measure_psf(_read_psf(self.beads, image), name=str(self.beads)).psf
        if self.estimate:
            from gan_lessons.restoration import estimate_psf

            return {channel: found.psf for channel, found in enumerate(estimate_psf(image))}
        return self._microscopes(image) if self.na is not None else None

    @property
    def known(self) -> bool:
        """Whether anything was said of the PSF."""
        return bool(self.psf or self.beads or self.estimate or self.na is not None)

    def settings(self) -> dict[str, Any]:
        """Return what was given, for the provenance."""
        if file := self.psf or self.beads:
            from gan_lessons.cli.provenance import sha256

            return {"psf" if self.psf else "beads": str(file), "sha256": sha256(file)}
        if self.estimate:
            return {"psf": "estimated"}
        return {} if self.na is None else {name: value for name, value in asdict(self).items() if value is not None}

    def _microscopes(self, image: Image) -> PSFs:
        from gan_lessons.degradations import Microscope
        from gan_lessons.restoration.psfs import micrometers

        pixel = micrometers(image, "X")
        if pixel is None:
            raise InputError(
                f"{image.name}: the microscope's PSF needs the pixel size, which the file lacks: --pixel-size"
            )
        waves = parse_numbers(self.wavelength or "", "--wavelength")
        if len(waves) not in (1, image.sizes.get("C", 1)):
            have = image.sizes.get("C", 1)
            raise InputError(f"{image.name}: {len(waves)} wavelengths for {have} channels; expected 1 or one a channel")
        scopes = [
            Microscope(
                na=self.na or 0.0,
                wavelength_nm=wave,
                pixel_size_um=pixel,
                z_step_um=micrometers(image, "Z"),
                immersion_index=self._index(),
                sample_index=self.sample_index,
                depth_um=self.depth,
                confocal=self.confocal is not None,
                excitation_nm=self.confocal,
            )
            for wave in waves
        ]
        return scopes[0] if len(scopes) == 1 else dict(enumerate(scopes))

    def _index(self) -> float:
        known = self.immersion.lower()
        return INDICES[known] if known in INDICES else parse_numbers(self.immersion, "--immersion")[0]


def _read_psf(path: Path, image: Image) -> np.ndarray:
    import numpy as np

    from gan_lessons.io import read_image

    try:
        psf = read_image(path)
    except InputError as error:
        if "--axes" not in str(error):
            raise
        psf = read_image(path, axes="ZYX")  # three axes of a PSF can't be anything else
    for axis in set(psf.pixel_size) & set(image.pixel_size):
        of_psf, of_image = psf.pixel_size[axis], image.pixel_size[axis]
        if psf.unit.get(axis) == image.unit.get(axis) and abs(of_psf / of_image - 1) > DIFFERENT:
            warnings.warn(
                f"{path}: the PSF's pixel size along {axis} is {of_psf:g} {psf.unit.get(axis)}, "
                f"that of {image.name} {of_image:g}; it must be measured or resampled at the image's",
                InputWarning,
                stacklevel=2,
            )
    return np.asarray(psf.data)
