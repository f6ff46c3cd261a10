"""A specimen behind a microscope, and a browser."""

import os
import shutil

import numpy as np
import pytest

from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import GaussianBlur, PoissonGaussian, convolve
from gan_lessons.evaluation import examine
from gan_lessons.image import Image

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def scene():
    """Truth, recording and PSF, float64 and 96×80."""
    rng = np.random.default_rng(0)
    psf = GaussianBlur((1.5, 1.5)).kernel()
    truth = 100 * (make_specimen((96, 80), rng) + 0.05).astype(np.float64)
    raw = PoissonGaussian(electrons_per_unit=1.0, read_noise=1.5).apply(convolve(truth, psf), rng)
    return truth, raw.astype(np.float64), psf


@pytest.fixture(scope="session")
def found(scene):
    """An evaluation with a reference, a PSF and everything that a page can show."""
    truth, raw, psf = scene
    size, unit = {"Y": 0.1, "X": 0.1}, {"Y": "µm", "X": "µm"}
    images = {"raw": Image(raw, "YX", size, unit), "<restored>": Image(0.9 * truth + 2, "YX", size, unit)}
    return examine(
        images,
        reference=truth,
        psf=psf,
        data_range="reference",
        tile=(32, 32),
        restorations={"<restored>": lambda image: image},
    )


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium, as Debian packages it."""
    if CHROMIUM is None:
        reason = "needs a browser: apt-get install chromium"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as runner:
        started = runner.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()
