"""What a scientist must be able to take for granted of the shipped fluorescence models."""

import numpy as np
import pytest
from scipy import ndimage, signal, stats

from gan_lessons import load_model, restore
from gan_lessons.degradations import Microscope
from gan_lessons.zoo import shipped_models

SCOPE = Microscope(na=0.8, wavelength_nm=525, pixel_size_um=0.16, z_step_um=0.7)
FLUX_TOLERANCE = {
    ("fluo-2d", False): 0.03,
    ("fluo-2d", True): 0.03,
    ("fluo-2d-gan", False): 0.03,
    ("fluo-2d-gan", True): 0.03,
    (
        "fluo-3d",
        False,
    ): 0.27,  # the aim is 0.03; it leaves haze where it is, of which these outlines hold 0.57: its card
    ("fluo-3d", True): 0.03,
}
FLUORESCENCE = [name for name in shipped_models() if name.startswith("fluo")]


def setting(name: str, known: bool):
    """Return a model, its axes, a shape it takes and a PSF or None."""
    model = load_model(name)
    axes = model.card.axes
    shape = (256, 256) if axes == "YX" else (9, 160, 160)
    psf = (SCOPE.psf_2d() if axes == "YX" else SCOPE.psf_3d(13)) if known else None
    return model, axes, shape, psf


def blobs(field: np.ndarray, threshold: float) -> int:
    """Count connected regions that a matched filter finds above a threshold."""
    filtered = ndimage.gaussian_filter(field - np.median(field), 1.5)
    return ndimage.label(filtered > threshold)[1]


@pytest.mark.filterwarnings("ignore:.*learned from:gan_lessons.errors.InputWarning")  # it is nothing but noise
@pytest.mark.parametrize("known", [False, True], ids=["blind", "psf"])
@pytest.mark.parametrize("name", FLUORESCENCE)
def test_a_blank_field_stays_blank(name, known):
    model, axes, shape, psf = setting(name, known)
    rng = np.random.default_rng(0)
    blank = (rng.poisson(40, shape) + rng.normal(100, 2, shape)).astype(np.float32)
    restored = restore(blank, model, axes=axes, psf=psf, dtype="float32")
    assert restored.std() <= 0.5 * blank.std()
    assert restored.mean() == pytest.approx(blank.mean(), abs=0.08 * float(blank.std()))
    # fluo-3d with the PSF still draws some where white noise of the deviation has none: its card says so.
    share, more = (0.5, 0) if name.startswith("fluo-2d") else (1, 5 if known else 0)
    white = rng.normal(0, share * blank.std(), shape)
    plane = (slice(None), slice(None)) if axes == "YX" else (shape[0] // 2,)
    threshold = 4 * ndimage.gaussian_filter(white[plane], 1.5).std()
    assert blobs(restored[plane], threshold) <= blobs(white[plane], threshold) + more


@pytest.mark.filterwarnings("ignore:.*learned from a critic:gan_lessons.errors.InputWarning")
@pytest.mark.parametrize(("name", "known"), FLUX_TOLERANCE)
def test_the_flux_of_objects_is_kept(name, known):
    model, axes, _, _ = setting(name, known)
    shape, blur = ((256, 256), SCOPE.psf_2d()) if axes == "YX" else ((25, 160, 160), SCOPE.psf_3d(25))
    rng = np.random.default_rng(1)
    clean, mask = _disks(shape, rng)
    counts = rng.poisson(np.maximum(signal.fftconvolve(clean, blur, "same"), 0) + 10).astype(np.float32)
    restored = restore(counts, model, axes=axes, psf=blur if known else None, dtype="float32") - 10
    wide = ndimage.grey_dilation(mask, size=(1,) * (mask.ndim - 2) + (13, 13))
    labels = np.arange(1, mask.max() + 1)
    true, found = (ndimage.sum(x, wide, labels) for x in (clean, restored))
    assert stats.linregress(true, found).slope == pytest.approx(1, abs=FLUX_TOLERANCE[name, known])


def _disks(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw soft disks on a grid, each with a label; in a stack, around its middle plane."""
    clean, mask = np.zeros(shape, np.float32), np.zeros(shape, int)
    y, x = np.indices(shape[-2:])
    side = 40
    for label, (row, column) in enumerate(np.ndindex(shape[-2] // side, shape[-1] // side), start=1):
        distance = np.hypot(y - row * side - 20, x - column * side - 20)
        disk = (1 / (1 + np.exp((distance - rng.uniform(3, 7)) / 0.7))) * rng.uniform(50, 800)
        if len(shape) == 3:
            clean[shape[0] // 2 - 1 : shape[0] // 2 + 2] += disk
            mask[:, distance < 10] = label
        else:
            clean += disk
            mask[distance < 10] = label
    return clean, mask
