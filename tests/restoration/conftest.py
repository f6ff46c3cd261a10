"""Untrained models with weights that leave no pixel alone, and a PSF."""

import numpy as np
import pytest
import torch

from gan_lessons.errors import Cancelled
from gan_lessons.generators import build_generator
from gan_lessons.zoo import Card, Model


def random_model(axes, *, keeps_flux=False, **arguments):
    torch.manual_seed(0)
    arguments = {"widths": (8, 12, 16), **arguments}
    generator = build_generator("unshuffle-unet", **arguments)
    torch.nn.init.kaiming_normal_(generator.last.weight)
    generator.last.weight.data *= 0.1
    psf = bool(arguments.get("guides"))
    name = f"random-{axes.lower()}"
    card = Card(name, "", "unshuffle-unet", arguments, axes, psf=psf, keeps_flux=keeps_flux)
    return Model(generator.eval(), card)


@pytest.fixture(scope="session")
def plane_model():
    return random_model("YX", guides=3)


@pytest.fixture(scope="session")
def iterated_model():
    return random_model("YX", guides=5)


@pytest.fixture(scope="session")
def stack_model():
    return random_model("ZYX", in_channels=3, guides=3)


@pytest.fixture(scope="session")
def iterated_stack_model():
    return random_model("ZYX", in_channels=3, guides=5, keeps_flux=True)


@pytest.fixture(scope="session")
def color_model():
    return random_model("YXC", in_channels=3, out_channels=3)


@pytest.fixture(scope="session")
def gaussian():
    def kernel(*sides, sigma=1.5):
        grids = np.meshgrid(*[np.arange(side) - side // 2 for side in sides], indexing="ij")
        kernel = np.exp(-sum(g**2 for g in grids) / (2 * sigma**2))
        return (kernel / kernel.sum()).astype(np.float32)

    return kernel


@pytest.fixture
def must_stop():
    """Assert that work which is given a check stops as its third call raises, and calls it no more."""

    def run(work):
        calls = []

        def check() -> None:
            calls.append(1)
            if len(calls) == 3:
                raise Cancelled("cancelled")

        with pytest.raises(Cancelled):
            work(check)
        assert len(calls) == 3

    return run


@pytest.fixture
def rng():
    return np.random.default_rng(0)
