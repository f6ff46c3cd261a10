"""A small network, and a specimen that it is to learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import PoissonGaussian, convolve
from gan_lessons.generators import build_generator
from gan_lessons.zoo import Model, load_model, save_model

ROW = np.exp(-((np.arange(9) - 4.0) ** 2) / 4)
PSF = (np.outer(ROW, ROW) / ROW.sum() ** 2).astype(np.float32)
STACK_PSF = PSF * np.array([0.25, 0.5, 0.25], np.float32)[:, None, None]


def small(name, tmp_path):
    """A model file with the card of a shipped one and few weights, that look at 20 pixels to every side."""
    card = load_model(name).card
    arguments = card.arguments | {"widths": [4, 8], "guides": 3}
    torch.manual_seed(0)
    generator = build_generator(card.architecture, **arguments)
    torch.nn.init.normal_(generator.last.weight, std=0.05)
    path = tmp_path / f"small-{name}.safetensors"
    save_model(Model(generator.eval(), replace(card, name=f"small-{name}", arguments=arguments, gauge=False)), path)
    return path


@pytest.fixture
def planes(tmp_path):
    return small("fluo-2d", tmp_path)


@pytest.fixture
def stacks(tmp_path):
    return small("fluo-3d", tmp_path)


@pytest.fixture(scope="session")
def pair():
    """A noisy raw image in camera units, and its truth, in photons."""
    truth = make_specimen((80, 208), np.random.default_rng(0)) * 100 + 10
    raw = PoissonGaussian(electrons_per_unit=1).apply(convolve(truth, PSF), np.random.default_rng(1)) * 2 + 100
    return raw, truth


@pytest.fixture(scope="session")
def stack_pair():
    truth = make_specimen((6, 80, 208), np.random.default_rng(0)) * 100 + 10
    raw = PoissonGaussian(electrons_per_unit=1).apply(convolve(truth, STACK_PSF), np.random.default_rng(1))
    return raw, truth
