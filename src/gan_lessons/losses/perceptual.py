"""Perceptual loss: the distance of two images in the features of a classifier."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from gan_lessons.errors import InputError, suggest
from gan_lessons.losses.term import Term, check_image, check_pair, mean_per_image
from gan_lessons.losses.trunks import TRUNKS, load_trunk

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def perceptual(
    image: Tensor,
    truth: Tensor,
    trunk: nn.Module,
    *,
    distance: str = "mse",
    value_range: tuple[float, float] = (0.0, 1.0),
    least: int = 1,
) -> Tensor:
    """Return the distance of the features of each image (Johnson et al. 2016, arXiv:1603.08155).

    Every item is brought to [0, 1] and normalized with ImageNet's mean and deviation; the inputs stay as they are.
    Three channels are RGB; of any other number each channel is seen as a gray image, and the channels' distances are
    averaged, so that their order doesn't matter. A volume is seen plane by plane.

    Parameters
    ----------
    trunk : nn.Module
        From RGB to features, frozen and in eval mode, as `load_trunk` returns it.
    distance : str
        ``"mse"`` or ``"l1"`` of the features.
    value_range : pair of float
        What the images' values mean as black and white; (-1, 1) after tanh.
    least : int
        Least pixels along Y and X that the trunk takes.

    Shape
    -----
    (N, C, [Z,] Y, X) twice → (N,), from 0; in the features' units (squared for ``"mse"``)

    >>> import torch
    >>> perceptual(torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 2, 2), nn.AvgPool2d(2), distance="l1") > 4
    tensor([True])
    """
    if distance not in ("mse", "l1"):
        raise InputError(f"perceptual: unknown distance {distance!r}; expected 'mse' or 'l1'")
    if not value_range[0] < value_range[1]:
        raise InputError(f"perceptual: value_range is {value_range}; expected black, then white, such as (0, 1)")
    image, truth = check_pair("perceptual", image, truth)
    planes, true_planes = (check_image("perceptual", _planes(x), least=least, dimensions=(2,)) for x in (image, truth))
    difference = trunk(_as_imagenet(planes, value_range)) - trunk(_as_imagenet(true_planes, value_range))
    error = mean_per_image(difference.square() if distance == "mse" else difference.abs())  # (N·Z·C,), or (N·Z,) of RGB
    return error.view(image.shape[0], -1).mean(1)


def _planes(image: Tensor) -> Tensor:
    return image if image.ndim == 4 else image.transpose(1, 2).flatten(0, 1)  # (N·Z, C, Y, X)


def _as_imagenet(image: Tensor, value_range: tuple[float, float]) -> Tensor:
    black, white = value_range
    rgb = image if image.shape[1] == 3 else image.flatten(0, 1).unsqueeze(1).expand(-1, 3, -1, -1)
    mean, std = image.new_tensor(IMAGENET_MEAN).view(3, 1, 1), image.new_tensor(IMAGENET_STD).view(3, 1, 1)
    return ((rgb - black) / (white - black) - mean) / std


class Perceptual(Term):
    """`perceptual` with one of `TRUNKS` as a module; ``repr`` and the registry's name say which.

    Parameters
    ----------
    trunk : str
        A name of `TRUNKS`.
    weights : path
        The file of its ImageNet weights, or the folder that holds it.
    distance : str, optional
        ``"mse"`` or ``"l1"``; by default as the trunk's paper.
    value_range : pair of float
        Black and white in the images' units; (-1, 1) after tanh.

    Raises
    ------
    InputError
        If the trunk is unknown, or the file is missing or another network's.
    """

    unit_range = True

    def __init__(
        self,
        trunk: str,
        weights: str | Path | None = None,
        *,
        distance: str | None = None,
        value_range: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        super().__init__()
        if trunk not in TRUNKS:
            raise InputError(f"perceptual: unknown trunk {trunk!r}; {suggest(trunk, TRUNKS)}")
        self.name, self.weights = trunk, weights
        self.distance = distance or TRUNKS[trunk].distance
        self.value_range, self.least = value_range, TRUNKS[trunk].least
        self.trunk = load_trunk(trunk, weights)

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        distance, value_range, least = self.distance, self.value_range, self.least
        return perceptual(image, truth, self.trunk, distance=distance, value_range=value_range, least=least)

    def train(self, mode: bool = True) -> Perceptual:
        """Stay in eval mode: a trunk's running statistics are part of what it measures."""
        return super().train(False)

    def extra_repr(self) -> str:
        """Say which trunk measures, from which file."""
        return f"{self.name}, {self.distance}, weights={str(self.weights)!r}"
