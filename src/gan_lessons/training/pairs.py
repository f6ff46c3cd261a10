"""Training samples, made on the fly: a truth is blurred, photographed with noise, and seen through guide filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from scipy import ndimage
from scipy.fft import next_fast_len
from torch import Tensor
from torch.nn import functional as F

from gan_lessons.restoration.guidance import RADIUS, GuideFilters
from gan_lessons.restoration.typical_psf import CUTOFFS, fit_cutoff, typical_psf
from gan_lessons.training.recipe import Guidance, Noise

Picture = TypeVar("Picture", np.ndarray, Tensor)


class Batch(NamedTuple):
    """Normalized samples."""

    image: Tensor  # (N, in_channels, P, P)
    guides: Tensor | None  # (N, out_channels·guides, P, P)
    truth: Tensor  # (N, out_channels, P, P)
    weight: Tensor  # (N,), how much each counts


@dataclass(frozen=True, eq=False)
class Shot:
    """A photograph of a truth."""

    image: Tensor  # (C, Y, X), in light: 0 where there is none
    truth: Tensor  # (C, Y + more, X + more)
    blur: Blur
    photons: float  # of its peak
    offset: float  # see `add_noise`


@dataclass(frozen=True, eq=False)
class Blur:
    """A PSF, and the filters of what the network is told of it."""

    psf: Tensor  # (Y, X) or (Z, Y, X), odd
    filters: GuideFilters | None = None
    cutoff: float = 0.0  # of the typical PSF nearest to it

    def apply(self, truth: Tensor) -> Tensor:
        """Convolve (C, …) where the PSF lies wholly inside the truth: each axis loses its side less one."""
        axes = tuple(range(-self.psf.ndim, 0))
        shape = [next_fast_len(side, real=True) for side in truth.shape[1:]]
        product = torch.fft.rfftn(truth, shape, dim=axes) * torch.fft.rfftn(self.psf, shape, dim=axes)
        inside = tuple(slice(k - 1, side) for k, side in zip(self.psf.shape, truth.shape[1:], strict=True))
        return torch.fft.irfftn(product, shape, dim=axes)[(..., *inside)]


def make_blurs(psfs: Sequence[np.ndarray], guidance: Guidance | None, rng: np.random.Generator) -> list[Blur]:
    """Prepare each PSF; half of the filters are told a width that is a little wrong."""
    blurs = []
    for psf in psfs:
        filters = None
        if guidance:
            error = rng.uniform(-1, 1) * guidance.width_error if rng.random() < 0.5 else 0.0
            filters = GuideFilters(torch.from_numpy(widen(psf, 1 + error)))
        cutoff = fit_cutoff(psf) if guidance and guidance.estimated else 0.0
        blurs.append(Blur(torch.from_numpy(psf.astype(np.float32)), filters, cutoff))
    return blurs


def typical_filters() -> dict[float, GuideFilters]:
    """Prepare filters for typical PSFs of all widths, 9 % apart."""
    steps = int(np.log(CUTOFFS[1] / CUTOFFS[0]) / 0.09)
    return {float(c): GuideFilters(torch.from_numpy(typical_psf(c))) for c in np.geomspace(*CUTOFFS, steps)}


def widen(psf: np.ndarray, factor: float) -> np.ndarray:
    """Return the PSF magnified laterally about its center on the same grid, sum 1."""
    scale = np.array([1.0, 1 / factor, 1 / factor][-psf.ndim :])
    center = (np.array(psf.shape) - 1) / 2
    wide = ndimage.affine_transform(psf, scale, offset=center - scale * center, order=1)
    return (wide / wide.sum()).astype(np.float32)


class PlanePairs:
    """Samples of planes, photographs or bands.

    Parameters
    ----------
    truths : list of float32 arrays (C, Y, X)
        Brightest structures around 1, dark ones around 0.
    files : int
        How many of them, at the end of the list, come from files.
    files_share : float
        Share of samples from those.
    blank : float
        Share of samples without specimen.
    blurs, noise, guidance :
        See `Blur` and the recipe.
    moving : float
        Share of samples parts of which move in another way than the rest.
    gamma : float
        Exponent between stored values and light: 2.2 for photographs, whose blur happens in light; 1 elsewhere.
    """

    def __init__(
        self,
        truths: list[np.ndarray],
        blurs: list[Blur],
        noise: Noise,
        guidance: Guidance | None,
        *,
        files: int = 0,
        files_share: float = 0.0,
        blank: float = 0.0,
        moving: float = 0.0,
        gamma: float = 1.0,
    ) -> None:
        self.truths, self.blurs, self.noise, self.guidance = truths, blurs, noise, guidance
        self.files, self.files_share, self.blank = files, files_share, blank
        self.moving, self.gamma = moving, gamma
        self.typical = typical_filters() if guidance and guidance.estimated else {}

    def batch(self, size: int, patch: int, rng: np.random.Generator) -> Batch:
        """Draw a batch; the same generator state gives the same batch."""
        samples = [self._sample(patch, rng) for _ in range(size)]
        images, guides, truths, weights = zip(*samples, strict=True)
        stacked = torch.cat(guides) if self.guidance else None
        return Batch(torch.cat(images), stacked, torch.cat(truths), torch.tensor(weights) / np.mean(weights))

    def noisy(self, side: int, rng: np.random.Generator) -> tuple[Tensor, float]:
        """Draw one blurred and noisy image (C, side, side), and the cut-off of its blur in cycles a pixel."""
        shot = self._photograph(side + SLACK, rng)
        return center(shot.image, [side, side]), shot.blur.cutoff

    def _sample(self, patch: int, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, float]:
        reach = RADIUS[2][0] if self.guidance else 0
        shot = self._photograph(patch + 2 * reach, rng)
        noisy = torch.sign(shot.image) * shot.image.abs() ** (1 / self.gamma) - shot.offset
        sharp = center(shot.truth, [patch, patch]) - shot.offset
        image = center(noisy, [patch, patch])[None]  # (1, C, P, P)
        guides = image.repeat(1, 3, 1, 1)
        filters = self._told(shot.blur, rng) if self.guidance else None
        if filters:
            guides = center(filters(noisy[:, None]).transpose(0, 1).flatten(0, 1)[None], [patch, patch])
        return image, guides, sharp[None], shot.photons**WEIGHT

    def _photograph(self, side: int, rng: np.random.Generator) -> Shot:
        blur = self._choose_blur(rng)
        others = [self._choose_blur(rng)] if rng.random() < self.moving else []
        lost = [max(sides) - 1 for sides in zip(*(b.psf.shape for b in (blur, *others)), strict=True)]
        truth = crop(self._choose(rng), [side + n for n in lost], rng)  # (C, side + k - 1, …)
        blank = rng.random() < self.blank
        if blank:
            truth = np.zeros_like(truth)
        light = torch.from_numpy(truth) ** self.gamma
        clean = blur.apply(light).clamp(min=0)  # (C, side, side) or a little more
        for other in others:
            apart = other.apply(light).clamp(min=0)
            sides = [min(pair) for pair in zip(clean.shape[1:], apart.shape[1:], strict=True)]
            clean = torch.lerp(center(clean, sides), center(apart, sides), patches(sides, rng))
        peak = BLANK if blank else max(float(np.percentile(clean, 99.9)), DIM)
        noisy, photons, offset = add_noise(clean, self.noise, rng, peak)
        return Shot(noisy, torch.from_numpy(truth), blur, photons, offset)

    def _choose_blur(self, rng: np.random.Generator) -> Blur:
        return self.blurs[rng.integers(len(self.blurs))]

    def _told(self, blur: Blur, rng: np.random.Generator) -> GuideFilters | None:
        """Choose what the network is told of the PSF: nothing, an estimate of its width, or itself."""
        assert self.guidance
        chance = rng.random()
        if chance < self.guidance.dropped:
            return None
        if chance < self.guidance.dropped + self.guidance.estimated:
            estimate = np.log(blur.cutoff) + rng.normal(0, self.guidance.estimate_error)
            return self.typical[min(self.typical, key=lambda cutoff: abs(np.log(cutoff) - estimate))]
        return blur.filters

    def _choose(self, rng: np.random.Generator) -> np.ndarray:
        drawn = len(self.truths) - self.files
        from_file = self.files and (not drawn or rng.random() < self.files_share)
        index = drawn + rng.integers(self.files) if from_file else rng.integers(drawn)
        return self.truths[index]


def patches(sides: Sequence[int], rng: np.random.Generator) -> Tensor:
    """Draw a mask of a few large patches with soft borders: (Y, X), 0 … 1."""
    coarse = torch.from_numpy(rng.random((1, 1, 4, 4)).astype(np.float32))
    fine = F.interpolate(coarse, size=tuple(sides), mode="bicubic", align_corners=False)[0, 0]
    return torch.sigmoid(30 * (fine - 0.5))


SLACK = 32
"""Pixels a side by which a turned photograph may be smaller than asked for: blurs are longer than wide."""

DIM = 0.1
"""Patches darker than this share of their image's peak are not brightened: they stay background."""

BLANK = 2.0
"""Peak that the photons of a field without specimen are counted at: large, so that its noise weighs in the loss."""

WEIGHT = 0.35
"""Errors fall with about this power of the photons: so weighted, bright images count as much as dim ones."""


def add_noise(clean: Tensor, noise: Noise, rng: np.random.Generator, peak: float) -> tuple[Tensor, float, float]:
    """Photograph a clean image.

    Parameters
    ----------
    peak : float
        The clean value at which the photons are counted.

    Returns
    -------
    The noisy image in the clean one's units, its background subtracted; the photons of its peak; and the value that a
    whole image's first percentile would have: up to 2.3 deviations of the background's noise below zero.
    """
    photons, background, read_noise = (
        _log_uniform(r, rng) for r in (noise.photons, noise.background, noise.read_noise)
    )
    gain = photons / peak
    counts = rng.poisson(clean.numpy() * gain + background * photons) + rng.normal(0, read_noise, clean.shape)
    deviation = np.sqrt(background * photons + read_noise**2) / gain
    offset = -rng.uniform(0, 2.3) * deviation
    return torch.from_numpy((counts - background * photons) / gain).float(), photons, float(offset)


def _log_uniform(limits: tuple[float, float], rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))


def crop(image: np.ndarray, sides: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Cut a random window of the last axes, flipped and turned at random; a small image is continued by reflection."""
    short = [max(0, want - have) for want, have in zip(sides, image.shape[-len(sides) :], strict=True)]
    if any(short):
        lead = [(0, 0)] * (image.ndim - len(sides))
        image = np.pad(image, [*lead, *[(s // 2, s - s // 2) for s in short]], mode="reflect")
    starts = [rng.integers(have - want + 1) for want, have in zip(sides, image.shape[-len(sides) :], strict=True)]
    window: Any = (..., *(slice(a, a + want) for a, want in zip(starts, sides, strict=True)))
    image = np.rot90(image[window], int(rng.integers(4)), axes=(-2, -1))
    return np.ascontiguousarray(image[..., ::-1] if rng.random() < 0.5 else image)


def center(image: Picture, sides: Sequence[int]) -> Picture:
    """Cut the middle of the last axes."""
    return image[_middle(image.shape, sides)]


def _middle(shape: Sequence[int], sides: Sequence[int]) -> Any:
    starts = [(have - want) // 2 for want, have in zip(sides, shape[-len(sides) :], strict=True)]
    return (..., *(slice(a, a + want) for a, want in zip(starts, sides, strict=True)))
