"""Generators: one file a network, found by name.

Every generator is an ``nn.Module`` with ``in_channels``, ``out_channels``, ``guides``, ``stride``, ``halo``
and ``receptive_field``, and maps ``(N, in_channels, H, W)`` of any height and width to ``(N, out_channels, H, W)``.
"""

from __future__ import annotations

import difflib
from typing import Any

from torch import nn

from gan_lessons.errors import InputError
from gan_lessons.generators.unshuffle_unet import UnshuffleUNet

GENERATORS: dict[str, type[nn.Module]] = {"unshuffle-unet": UnshuffleUNet}


def build_generator(name: str, **arguments: Any) -> nn.Module:
    """Build a generator by its name in `GENERATORS`.

    Raises
    ------
    InputError
        If the name is unknown; the message suggests the nearest.
    """
    if name not in GENERATORS:
        near = difflib.get_close_matches(name, GENERATORS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(GENERATORS)}"
        raise InputError(f"unknown generator {name!r}; {hint}")
    return GENERATORS[name](**arguments)
