"""The weighted sum of content terms: one number to descend, and each term by name to be logged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan_lessons.errors import InputError
from gan_lessons.losses.registry import build_loss
from gan_lessons.losses.term import Term


class WeightedSum(nn.Module):
    """Sum terms of the registry, each with its weight.

    Parameters
    ----------
    weights : mapping of name to float
        Names of `list_losses`; weights ≥ 0. A term of weight 0 is measured, and changes nothing.
    arguments : mapping of name to mapping, optional
        Arguments of terms that need any, such as the perceptual ones' ``{"weights": path}``.
    value_range : pair of float
        Black and white in the images' units; (-1, 1) after tanh. Terms that are defined on [0, 1] see images brought
        there; plain distances stay in the images' units, as papers weight them.

    Raises
    ------
    InputError
        If there is no term, a name is unknown, or a weight is negative or not finite.

    >>> criterion = WeightedSum({"charbonnier": 1, "total-variation": 0.1})
    >>> total, terms = criterion(torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8))
    >>> list(terms)
    ['charbonnier', 'total-variation']
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        arguments: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        value_range: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        super().__init__()
        arguments = arguments or {}
        if not weights:
            raise InputError("weighted sum: there are no terms; expected names and weights such as {'charbonnier': 1}")
        for name in arguments.keys() - weights.keys():
            raise InputError(f"weighted sum: {name!r} has arguments but no weight; expected one of {list(weights)}")
        for name, weight in weights.items():
            if not (math.isfinite(weight) and weight >= 0):
                raise InputError(f"weighted sum: the weight of {name!r} is {weight:g}; expected a number from 0")
        self.black, self.span = value_range[0], value_range[1] - value_range[0]
        self.weights = {name: float(weight) for name, weight in weights.items()}
        self.terms = nn.ModuleDict({name: build_loss(name, **arguments.get(name, {})) for name in weights})

    def forward(
        self,
        image: Tensor | None = None,
        truth: Tensor | None = None,
        *,
        source: Tensor | None = None,
        curves: Tensor | None = None,
        cycled: Tensor | None = None,
        unchanged: Tensor | None = None,
        weight: Tensor | None = None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the total, and each term's value without its weight and without gradient.

        Parameters
        ----------
        image, truth : Tensor, (N, C, [Z,] Y, X)
            Restored and true image; ``truth`` only for terms that compare.
        source : Tensor
            The degraded image.
        curves : Tensor
            Zero-DCE's maps.
        cycled : Tensor
            The degraded image after there and back, F(G(x)).
        unchanged : Tensor
            A sharp image after restoration, G(y).
        weight : Tensor, (N,)
            How much each image counts.

        Raises
        ------
        InputError
            If a term lacks a tensor.
        """
        given = {"image": image, "truth": truth, "source": source}
        given |= {"curves": curves, "cycled": cycled, "unchanged": unchanged}
        values: dict[str, Tensor] = {}
        for name, term in self.terms.items():
            with torch.set_grad_enabled(torch.is_grad_enabled() and self.weights[name] > 0):
                images = _needed(name, term, given)
                values[name] = term(*(self._as_seen_by(term, image) for image in images), weight=weight)
        weighted = [weight * values[name] for name, weight in self.weights.items() if weight]
        total = torch.stack(weighted).sum() if weighted else next(iter(values.values())).new_zeros(())
        return total, {name: value.detach() for name, value in values.items()}

    def _as_seen_by(self, term: nn.Module, image: Tensor) -> Tensor:
        """Bring an image to [0, 1] for a term that is defined there."""
        same = (self.black, self.span) == (0.0, 1.0)
        return image if same or not term.unit_range else (image - self.black) / self.span


def _needed(name: str, term: nn.Module, given: Mapping[str, Tensor | None]) -> list[Tensor]:
    assert isinstance(term, Term)
    tensors = {needed: given[needed] for needed in term.needs}
    missing = [needed for needed, tensor in tensors.items() if tensor is None]
    if missing:
        expected = " and ".join(term.needs)
        raise InputError(f"weighted sum: {name!r} has no {missing[0]}; expected {expected}: pass {missing[0]}=TENSOR")
    return [tensor for tensor in tensors.values() if tensor is not None]
