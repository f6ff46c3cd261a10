"""The four losses of Zero-DCE (Guo et al. 2020, arXiv:2001.06826): brighten without a truth.

Written from the paper's formulas. Its public code differs from them: it squares the exposure's error, compares
signed differences, not magnitudes, in the spatial term and reads zeros beyond the border there, takes the root of the
sum of fourth powers in the color term, and adds the squares of both gradients of the curves, over all iterations.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lessons.errors import InputError
from gan_lessons.losses.term import Term, check_image, check_pair

# As in the public training code.
ZERO_DCE_WEIGHTS = {
    "illumination-smoothness": 200.0,
    "spatial-consistency": 1.0,
    "color-constancy": 5.0,
    "exposure": 10.0,
}


def exposure(image: Tensor, level: float = 0.6, patch: int = 16) -> Tensor:
    """Return the mean distance of the patches' mean intensity from a good exposure.

    Parameters
    ----------
    level : float
        In the image's units; the paper's 0.6, and anything from 0.4 to 0.7 does as well there.
    patch : int
        Side in pixels; patches at the border may be smaller.

    Shape
    -----
    (N, C, Y, X) in [0, 1] → (N,), from 0

    >>> exposure(torch.full((1, 3, 20, 20), 0.25), level=0.75)
    tensor([0.5000])
    """
    image = check_image("exposure", image, dimensions=(2,))
    return (_intensity(image, patch) - level).abs().mean((1, 2, 3))


def spatial_consistency(image: Tensor, source: Tensor, region: int = 4) -> Tensor:
    """Return how much contrast between neighboring regions changes from the source's.

    The squared change of the magnitude of the difference to each of the four neighbors, summed over neighbors and
    averaged over regions; neighbors beyond the border don't count.

    Parameters
    ----------
    source : Tensor
        The image before brightening.
    region : int
        Side in pixels, 4 in the paper; regions at the border may be smaller.

    Shape
    -----
    (N, C, Y, X) twice → (N,), from 0; in the image's units squared.

    >>> spatial_consistency(torch.rand(1, 3, 4, 4), torch.rand(1, 3, 4, 4))  # one region has no neighbor
    tensor([0.])
    """
    image, source = check_pair("spatial-consistency", image, source, dimensions=(2,))
    after, before = _intensity(image, region), _intensity(source, region)  # (N, 1, Y / region, X / region)
    changes = [(after.diff(dim=axis).abs() - before.diff(dim=axis).abs()) ** 2 for axis in (2, 3)]
    return 2 * torch.stack([c.flatten(1).sum(1) for c in changes]).sum(0) / after[0].numel()  # a pair is seen twice


def color_constancy(image: Tensor) -> Tensor:
    """Return the squared differences between the channels' means, summed over the pairs: a gray world.

    Shape
    -----
    (N, C, Y, X) → (N,), from 0; in the image's units squared. Zero for one channel, which has no pair.

    >>> color_constancy(torch.tensor([1.0, 1.0, 3.0]).view(1, 3, 1, 1))
    tensor([8.])
    """
    means = check_image("color-constancy", image, dimensions=(2,)).mean((2, 3))
    return (means.unsqueeze(2) - means.unsqueeze(1)).square().sum((1, 2)) / 2  # each pair is there twice


def illumination_smoothness(curves: Tensor, iterations: int = 8) -> Tensor:
    """Return the squared total variation of the curve maps: pixels averaged, channels summed.

    ``(|horizontal difference| + |vertical difference|)²``, where the last column and row have no difference.

    Parameters
    ----------
    curves : Tensor
        The maps of all iterations, one iteration's channels after another's.
    iterations : int
        The paper's 8.

    Shape
    -----
    (N, iterations·C, Y, X) → (N,), from 0

    Raises
    ------
    InputError
        If the number of maps isn't a multiple of the iterations.

    >>> illumination_smoothness(torch.tensor([[0.0, 1.0], [2.0, 3.0]]).view(1, 1, 2, 2), iterations=1)
    tensor([3.5000])
    """
    curves = check_image("illumination-smoothness", curves, dimensions=(2,))
    if iterations < 1 or curves.shape[1] % iterations:
        found = f"{curves.shape[1]} maps don't divide into {iterations} iterations"
        raise InputError(f"illumination-smoothness: {found}; expected a multiple: give the generator's iterations")
    down = F.pad(curves.diff(dim=2).abs(), (0, 0, 0, 1))
    right = F.pad(curves.diff(dim=3).abs(), (0, 1))
    return (down + right).square().mean((2, 3)).sum(1) / iterations


def _intensity(image: Tensor, side: int) -> Tensor:
    """Average channels and squares of pixels; those cut off by the border over the pixels that they have."""
    return F.avg_pool2d(image.mean(1, keepdim=True), side, ceil_mode=True)


class Exposure(Term):
    """`exposure` as a module."""

    needs = ("image",)
    unit_range = True

    def __init__(self, level: float = 0.6, patch: int = 16) -> None:
        super().__init__()
        self.level, self.patch = level, patch

    def per_image(self, image: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return exposure(image, self.level, self.patch)


class SpatialConsistency(Term):
    """`spatial_consistency` as a module."""

    needs = ("image", "source")
    unit_range = True

    def __init__(self, region: int = 4) -> None:
        super().__init__()
        self.region = region

    def per_image(self, image: Tensor, source: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return spatial_consistency(image, source, self.region)


class ColorConstancy(Term):
    """`color_constancy` as a module."""

    needs = ("image",)
    unit_range = True

    def per_image(self, image: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return color_constancy(image)


class IlluminationSmoothness(Term):
    """`illumination_smoothness` as a module."""

    needs = ("curves",)

    def __init__(self, iterations: int = 8) -> None:
        super().__init__()
        self.iterations = iterations

    def per_image(self, curves: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return illumination_smoothness(curves, self.iterations)
