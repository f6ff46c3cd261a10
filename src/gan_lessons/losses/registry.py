"""Content terms by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gan_lessons.losses.color import ColorCast, ColorConsistency
from gan_lessons.losses.content import L1, MSE, Charbonnier, Cycle, Identity
from gan_lessons.losses.fourier import FourierMagnitude
from gan_lessons.losses.gradients import Edge, GradientDifference, TotalVariation
from gan_lessons.losses.grid import Grid
from gan_lessons.losses.low_light import ColorConstancy, Exposure, IlluminationSmoothness, SpatialConsistency
from gan_lessons.losses.perceptual import Perceptual
from gan_lessons.losses.structure import SSIM, MultiScaleSSIM
from gan_lessons.losses.term import Term
from gan_lessons.losses.trunks import TRUNKS
from gan_lessons.registry import construct, look_up

LOSSES: dict[str, Callable[..., Term]] = {
    "l1": L1,
    "mse": MSE,
    "charbonnier": Charbonnier,
    "ssim": SSIM,
    "ms-ssim": MultiScaleSSIM,
    "gradient": GradientDifference,
    "edge": Edge,
    "fourier": FourierMagnitude,
    "grid": Grid,
    "total-variation": TotalVariation,
    "color-consistency": ColorConsistency,
    "color-cast": ColorCast,
    "color-constancy": ColorConstancy,
    "exposure": Exposure,
    "spatial-consistency": SpatialConsistency,
    "illumination-smoothness": IlluminationSmoothness,
    "cycle": Cycle,
    "identity": Identity,
    **{f"perceptual-{trunk}": partial(Perceptual, trunk) for trunk in TRUNKS},
}


def list_losses() -> list[str]:
    """Return the names that `build_loss` knows.

    >>> list_losses()[:4]
    ['l1', 'mse', 'charbonnier', 'ssim']
    """
    return list(LOSSES)


def build_loss(name: str, **arguments: Any) -> Term:
    """Build a content term by its name; the arguments are those of its class.

    Raises
    ------
    InputError
        If the name or an argument is unknown; the message suggests the nearest name.

    >>> build_loss("charbonnier", epsilon=0.01).epsilon
    0.01
    """
    return construct(f"loss {name!r}", look_up("loss", LOSSES, name), arguments)
