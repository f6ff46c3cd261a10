"""Learned perceptual image patch similarity, with a trunk from a local file."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lessons.errors import InputError, suggest
from gan_lessons.losses.trunks import Trunk, load_features
from gan_lessons.metrics.affine import fit_if
from gan_lessons.metrics.pairs import planes

if TYPE_CHECKING:
    from gan_lessons.image import Array

CENTER, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # ImageNet's mean and deviation, for [-1, 1]
TINY = 1e-10  # added to the length of a feature vector


class Recipe(NamedTuple):
    """A trunk, and behind which of its layers features are compared."""

    trunk: Trunk
    taps: tuple[int, ...]


RECIPES = {
    "alex": Recipe(Trunk("alexnet", 12, "mse", 35, "alexnet-owt-7be5be79.pth", "after each ReLU"), (1, 4, 7, 9, 11)),
    "vgg": Recipe(Trunk("vgg16", 30, "mse", 16, "vgg16-397923af.pth", "relu1_2 to relu5_3"), (3, 8, 15, 22, 29)),
    "squeeze": Recipe(
        Trunk("squeezenet1_1", 13, "mse", 33, "squeezenet1_1-b8a52dc0.pth", "ReLU and fires"), (1, 4, 7, 9, 10, 11, 12)
    ),
}


class LPIPS:
    """Distance of two images in weighted features of a classifier (Zhang et al. 2018, arXiv:1801.03924), version 0.1.

    Parameters
    ----------
    network : {"alex", "vgg", "squeeze"}
        AlexNet is what papers report.
    weights : path
        ImageNet weights of the trunk, as torchvision publishes them, or the folder that holds them.
    heads : path, optional
        The authors' weights of the features; by default those in torchmetrics' wheel (extra ``lpips``).

    Attributes
    ----------
    name : str
        ``"lpips-alex"`` and so on; ``"lpips-squeeze (approximate)"`` where the trunk isn't torchvision's file, as the
        SHA-256 in that file's name tells: such figures rank images, but aren't the ones of papers.

    Raises
    ------
    InputError
        If the network is unknown, or a file is missing or another network's.
    """

    def __init__(self, network: str, weights: str | Path | None, *, heads: str | Path | None = None) -> None:
        if network not in RECIPES:
            raise InputError(f"LPIPS: unknown network {network!r}; {suggest(network, RECIPES)}")
        self.recipe = RECIPES[network]
        name = f"lpips-{network}"
        self.trunk = load_features(name, self.recipe.trunk, weights)
        self.heads = _read_heads(name, Path(heads) if heads else _heads_of_torchmetrics(network), self.recipe)
        assert weights is not None  # load_features has refused it
        self.name = name if _is_published(Path(weights), self.recipe.trunk.file) else f"{name} (approximate)"

    def __call__(
        self,
        image: Array,
        reference: Array,
        *,
        value_range: tuple[float, float],
        color: bool = False,
        mask: Array | None = None,
        fitted: bool = False,
    ) -> float:
        """Return the distance, from 0; planes are averaged.

        Parameters
        ----------
        image, reference : array, (…, Y, X), or (…, Y, X, 3) with ``color``
            Same shape, same units. A gray plane is seen as gray RGB. Numpy or dask.
        value_range : pair of float
            Black and white in the images' units: these networks have learned from photographs.
        color : bool
            The last axis holds red, green and blue.
        mask : array of bool, optional
            Of the image's shape or of its last axes; with color (Y, X). Features are weighted by the share of their
            cell that is in it and finite; what isn't finite is gray in both images.
        fitted : bool
            First bring the image to the reference by `affine_fit`.
        """
        black, white = value_range
        if not black < white:
            raise InputError(f"{self.name}: value_range is {value_range}; expected black, then white, such as (0, 255)")
        if color and (image.ndim < 3 or image.shape[-1] != 3):
            raise InputError(f"{self.name}: the image has shape {image.shape}; expected red, green and blue last")
        if color:
            both: list[Any] = [image, reference]
            image, reference = (np.moveaxis(array, -1, -3) for array in both)
        side, least = min(image.shape[-2:]), self.recipe.trunk.least
        if side < least:
            raise InputError(f"{self.name}: planes are {side} pixels wide; expected at least {least}")
        scores, seen = [], []
        group: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for x, y, known in planes(image, reference, mask=mask, fit=fit_if(fitted, image, reference, mask)):
            group.append((x, y, known))
            if len(group) < (3 if color else 1):
                continue
            inside = np.logical_and.reduce([known for _, _, known in group])
            gray = (black + white) / 2
            channels = [np.stack([np.where(inside, plane[k], gray) for plane in group]) for k in (0, 1)]
            group = []
            if inside.any():
                pair = torch.from_numpy(np.stack(channels))
                pair = (2 * (pair - black) / (white - black) - 1).float().expand(2, 3, -1, -1)
                scores.append(self._distance(pair, torch.from_numpy(inside).float()))
                seen.append(inside.mean())
        return float(np.average(scores, weights=seen))

    @torch.no_grad()
    def _distance(self, pair: Tensor, inside: Tensor) -> float:
        """Return the sum over the taps of the weighted mean distance of unit feature vectors."""
        center, scale = (torch.tensor(values).view(3, 1, 1) for values in (CENTER, SCALE))
        x = (pair - center) / scale  # (2, 3, Y, X)
        total, heads = 0.0, iter(self.heads)
        for place, layer in enumerate(self.trunk):
            x = layer(x)
            if place in self.recipe.taps:
                unit = x / (x.square().sum(1, keepdim=True).sqrt() + TINY)
                distance = F.conv2d((unit[:1] - unit[1:]).square(), next(heads))[0, 0]  # (Y/s, X/s)
                weight = F.adaptive_avg_pool2d(inside[None, None], (distance.shape[0], distance.shape[1]))[
                    0, 0
                ].double()
                total += float((distance.double() * weight).sum() / weight.sum())
        return total


def _is_published(path: Path, file: str) -> bool:
    """Return whether the file's SHA-256 begins as torchvision's name of it ends."""
    path = path / file if path.is_dir() else path
    return hashlib.sha256(path.read_bytes()).hexdigest().startswith(Path(file).stem.rsplit("-", 1)[1])


def _heads_of_torchmetrics(network: str) -> Path:
    found = find_spec("torchmetrics")
    if not found or not found.origin:
        raise InputError(
            "LPIPS: the weights of the features aren't here; expected torchmetrics, whose wheel holds them: "
            "pip install 'napari-deblur[lpips]', or pass heads=PATH"
        )
    return Path(found.origin).parent / "functional" / "image" / "lpips_models" / f"{network}.pth"


def _read_heads(name: str, path: Path, recipe: Recipe) -> list[Tensor]:
    if not path.is_file():
        raise InputError(f"{name}: no file {path}; expected the authors' weights v0.1 of {name}: pass heads=PATH")
    state = torch.load(path, map_location="cpu", weights_only=True)
    heads = [state.get(f"lin{k}.model.1.weight") for k in range(len(recipe.taps))]
    found = [head for head in heads if isinstance(head, Tensor) and head.ndim == 4]
    if len(found) < len(heads):
        raise InputError(f"{name}: {path} isn't the authors' weights v0.1; expected lin0.model.1.weight and so on")
    return found
