"""The demo's scenes: sharp images, and what a microscope, a shaken camera or a satellite makes of them.

The real ones come with scikit-image: *retina* (public domain), *astronaut* (NASA, public domain), *chelsea*
and *gravel* (CC0). None is in any training list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from gan_lessons.data.scenes import make_scene
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import CameraShake, Microscope, PoissonGaussian, SensorBlur, convolve
from gan_lessons.image import Image

GAMMA = 2.2  # between light and a photograph's stored values
OFFSET = 100.0  # counts of a scientific camera without light
READ_NOISE = 1.6  # electrons


@dataclass(frozen=True, eq=False)
class Scene:
    """A truth and its degraded image, in the same units.

    Parameters
    ----------
    name, description : str
    model : str
        The shipped model that it is for.
    truth : float32 array
        Sharp and without noise.
    degraded : Image
        As the instrument would store it.
    psf : float32 array, (Y, X) or (Z, Y, X)
        The true one.
    background : float
        Known constant in both.
    gamma : float
        Stored value = light ** (1 / gamma): the blur happened in light.
    """

    name: str
    description: str
    model: str
    truth: np.ndarray
    degraded: Image
    psf: np.ndarray
    background: float = 0.0
    gamma: float = 1.0


def make_scenes(model: str) -> list[Scene]:
    """Return the scenes for a shipped model; the same at every call. A model that has none gets an empty list."""
    return SCENES[model]() if model in SCENES else []


def _fluorescence_planes() -> list[Scene]:
    from skimage import data

    scope = Microscope(na=0.75, wavelength_nm=520, pixel_size_um=0.16)
    vessels = _vessels(data.retina())
    drawn = make_specimen((320, 320), np.random.default_rng(20260))
    told = "widefield NA 0.75, 520 nm, 0.16 µm pixels; {} photons at the 99.9th percentile, read noise 1.6 electrons"
    size = {"Y": 0.16, "X": 0.16}
    return [
        _counted("specimen-2d", "synthetic; " + told.format(100), "fluo-2d", drawn, scope.psf_2d(0.5), 100, "YX", size),
        _counted("retina", "vessels; " + told.format(300), "fluo-2d", vessels, scope.psf_2d(), 300, "YX", size),
    ]


def _vessels(fundus: np.ndarray) -> np.ndarray:
    """Take the vessels of a retina, dark in green light, for bright ones, as a dye makes them: (320, 320)."""
    green = 255.0 - fundus[400:1040, 300:940, 1]
    binned = green.reshape(320, 2, 320, 2).mean((1, 3))  # JPEG's traces and the camera's noise go
    return np.maximum(binned - np.percentile(binned, 1), 0).astype(np.float32)


def _fluorescence_stack() -> list[Scene]:
    scope = Microscope(na=1.2, wavelength_nm=520, pixel_size_um=0.1, z_step_um=0.3, immersion_index=1.33)
    told = "synthetic; widefield NA 1.2 water, 520 nm, 0.1 × 0.3 µm voxels; 100 photons at the 99.9th percentile"
    drawn = make_specimen((24, 128, 128), np.random.default_rng(20261), voxel_aspect=3.0)
    size = {"Z": 0.3, "Y": 0.1, "X": 0.1}
    return [_counted("specimen-3d", told, "fluo-3d", drawn, scope.psf_3d(25), 100, "ZYX", size)]


def _photographs() -> list[Scene]:
    from skimage import data

    pictures = {"astronaut": data.astronaut()[:320, 60:380], "chelsea": data.chelsea()[:, 80:400]}
    return [_shaken(name, picture, seed) for seed, (name, picture) in enumerate(pictures.items())]


def _maps() -> list[Scene]:
    from skimage import data

    psf = SensorBlur(mtf_at_nyquist=0.15).kernel()
    told = "sensor with MTF 0.15 at Nyquist, smear 1 pixel; 2000 electrons at the 99.9th percentile"
    town = make_scene((320, 320), 1, np.random.default_rng(20262))[0]
    gravel = data.gravel()[:320, :320].astype(np.float32)
    return [
        _counted("town", f"synthetic; {told}", "remote-sensing", town, psf, 2000, "YX", {}),
        _counted("gravel", f"stones from above; {told}", "remote-sensing", gravel, psf, 2000, "YX", {}),
    ]


SCENES: Mapping[str, Callable[[], list[Scene]]] = {
    "fluo-2d": _fluorescence_planes,
    "fluo-3d": _fluorescence_stack,
    "photo-motion": _photographs,
    "remote-sensing": _maps,
}


def _counted(
    name: str,
    description: str,
    model: str,
    sharp: np.ndarray,
    psf: np.ndarray,
    photons: float,
    axes: str,
    pixel_size: Mapping[str, float],
) -> Scene:
    """Blur, and count photons with a camera of 16 bits whose dark value is `OFFSET`."""
    blurred = convolve(sharp - sharp.min(), psf)
    light = photons / float(np.percentile(blurred, 99.9))
    truth = ((sharp - sharp.min()) * light + OFFSET).astype(np.float32)
    noise = PoissonGaussian(electrons_per_unit=1.0, offset=OFFSET, read_noise=READ_NOISE)
    counts = noise.apply(blurred * light + OFFSET, np.random.default_rng(1))
    unit = dict.fromkeys(pixel_size, "µm")
    stored = Image(np.clip(np.rint(counts), 0, 65535).astype(np.uint16), axes, pixel_size, unit, name=name)
    return Scene(name, description, model, truth, stored, psf, background=OFFSET)


def _shaken(name: str, picture: np.ndarray, seed: int) -> Scene:
    """Shake a camera in light, add its noise, and store 8 bits."""
    psf = CameraShake(length_px=24).kernel(np.random.default_rng(seed))
    light = np.moveaxis((picture / 255.0) ** GAMMA, -1, 0)  # (3, Y, X)
    noisy = PoissonGaussian(photons=3000, read_noise=3).apply(convolve(light, psf), np.random.default_rng(seed))
    stored = np.clip(np.rint(255 * np.maximum(noisy, 0) ** (1 / GAMMA)), 0, 255).astype(np.uint8)
    image = Image(np.ascontiguousarray(np.moveaxis(stored, 0, -1)), "YXS", name=name)
    told = "scikit-image; camera shake of 24 pixels in light, 3000 electrons, read noise 3 electrons, 8 bits"
    return Scene(name, told, "photo-motion", picture.astype(np.float32), image, psf, gamma=GAMMA)
