"""A small network in a model file that tells from an image how blurred it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCK = 128
"""Side in pixels of the windows whose spectra are averaged: also the least side of an image."""

RINGS = np.unique(np.round(np.geomspace(1, BLOCK // 2 + 1, 26)).astype(int))
"""Borders of the rings of frequencies, in cycles a block: as wide as an octave's eighth, at least one."""


class BlurGauge(nn.Module):
    """Estimate a blur's cut-off (`gan_lessons.restoration.typical_psf`) from the whole of a noisy image.

    A restoring network sees some dozens of pixels around each one, too few to tell a wide blur from a smooth specimen.
    This one averages over the image: features of four scales, and the power spectrum in rings.

    Parameters
    ----------
    widths : sequence of int
        Channels at each scale; the first works on a pixel-unshuffled image, each next at half the size.

    Shape
    -----
    (N, 1, Y, X), Y and X at least `BLOCK`, any units → (N, 2): the logarithm of the cut-off in cycles a pixel, and that
    of its expected absolute error.
    """

    rings: Tensor
    usual: Tensor
    spread: Tensor

    def __init__(self, widths: Sequence[int] = (32, 48, 64, 64)) -> None:
        super().__init__()
        self.first = nn.ModuleList(
            nn.Conv2d(i, o, 3, stride=2 if scale else 1, padding=1)
            for scale, (i, o) in enumerate(pairwise((4, *widths)))
        )
        self.second = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for width in widths)
        rings = _rings()
        self.register_buffer("rings", rings, persistent=False)  # (R, frequencies)
        self.register_buffer("usual", torch.zeros(len(rings)))  # mean and deviation of training's spectra
        self.register_buffer("spread", torch.ones(len(rings)))
        self.head = nn.Sequential(
            nn.Linear(sum(widths) + len(rings), 96), nn.ReLU(), nn.Linear(96, 64), nn.ReLU(), nn.Linear(64, 2)
        )

    def forward(self, image: Tensor) -> Tensor:
        """Estimate."""
        deviation, mean = torch.std_mean(image, (1, 2, 3), keepdim=True)
        image = (image - mean) / deviation.clamp(min=1e-12)
        x = F.pixel_unshuffle(image[..., : image.shape[2] // 2 * 2, : image.shape[3] // 2 * 2], 2)
        features = []
        for first, second in zip(self.first, self.second, strict=True):
            x = F.relu(second(F.relu(first(x))))  # (N, widths[scale], Y / 2^(scale + 1), X / 2^(scale + 1))
            features.append(torch.log1p(10 * x.float().mean((2, 3))))
        features.append((self.spectrum(image) - self.usual) / self.spread)
        return self.head(torch.cat(features, 1))

    def spectrum(self, image: Tensor) -> Tensor:
        """Average the power over overlapping windows and over rings (Welch 1967): (N, 1, Y, X) → (N, R), logarithms."""
        blocks = image.unfold(2, BLOCK, BLOCK // 2).unfold(3, BLOCK, BLOCK // 2)  # (N, 1, rows, columns, 128, 128)
        window = torch.hann_window(BLOCK)
        blocks = (blocks - blocks.mean((-1, -2), keepdim=True)) * window * window[:, None]
        power = torch.fft.rfft2(blocks).abs().square().mean((1, 2, 3))
        levels = torch.log(power.flatten(1) @ self.rings.T + 1e-12)
        return levels - levels.logsumexp(1, keepdim=True)


def _rings() -> Tensor:
    """Return the matrix that averages a half spectrum over rings: (R, BLOCK · (BLOCK / 2 + 1))."""
    y, x = np.fft.fftfreq(BLOCK) * BLOCK, np.fft.rfftfreq(BLOCK) * BLOCK
    radius = np.round(np.hypot(y[:, None], x)).astype(int).ravel()
    ring = np.clip(np.searchsorted(RINGS, radius, side="right") - 1, 0, len(RINGS) - 2)
    members = (ring == np.arange(len(RINGS) - 1)[:, None]) & (radius > 0)
    return torch.from_numpy(members / members.sum(1, keepdims=True)).float()
