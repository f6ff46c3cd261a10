"""Zero-DCE (Guo et al. 2020, arXiv:2001.06826): brighten a dark image with curves that are drawn for every pixel."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_lessons.blocks import (
    Interval,
    Norm,
    check_residual,
    make_norm,
    measure_field,
    middle_channels,
    norm_is_local,
    through_conv,
)
from gan_lessons.generators.base import Generator


class ZeroDCE(Generator):
    """Bend the brightness of each pixel ``curves`` times by ``x + α·x·(1 − x)``; a small network draws the α.

    The network: convolutions of 3×3, those of the second half joined to their mirror image in the first. Weights start
    from N(0, 0.02), as in the paper; a new network returns nearly its input. Written from the paper. Different from it:
    any number of channels, of curves and of convolutions; a norm can be chosen, the paper has none; values outside
    [0, 1] aren't bent. The public code bends by ``x + α·(x² − x)``: its α has the other sign.

    Parameters
    ----------
    in_channels, out_channels : int
        As many out as in by default.
        The middle ``out_channels`` of the input are bent, each by its own curves.
    width : int
        Channels between the convolutions.
    depth : int
        Convolutions: seven in the paper; two, without joins, in the preset of 7 832 parameters.
    curves : int
        How often each pixel is bent, every time by its own α.
    norm : {"none", "batch", "instance", "layer", "group"}

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, H, W), any H and W. Values in [0, 1] stay there, those outside stay what
    they are.

    >>> ZeroDCE()(torch.full((1, 3, 5, 7), 0.5)).shape
    torch.Size([1, 3, 5, 7])
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int | None = None,
        *,
        width: int = 32,
        depth: int = 7,
        curves: int = 8,
        norm: Norm = "none",
    ) -> None:
        super().__init__(in_channels, out_channels, width=width, depth=depth, curves=curves)
        check_residual(in_channels, self.out_channels)
        self.curves, self.joins = curves, (depth - 1) // 2
        begin = [in_channels] + [width] * (depth - self.joins - 1)
        into = begin + [2 * width] * self.joins
        out = [width] * (depth - 1) + [curves * self.out_channels]
        self.layers = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in zip(into, out, strict=True))
        self.norms = nn.ModuleList(make_norm(norm, width) for _ in range(depth - 1))
        for layer in self.layers:
            nn.init.normal_(layer.weight, std=0.02)  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        field, self.halo = measure_field(self._back)
        self.receptive_field = field if norm_is_local(norm) else None

    def forward(self, image: Tensor) -> Tensor:
        """Bend every pixel ``curves`` times."""
        x = middle_channels(self.checked(image), self.out_channels)
        for alpha in self.draw(image).chunk(self.curves, 1):  # (N, out_channels, H, W)
            inside = x.clamp(0, 1)
            x = x + alpha * (inside - inside * inside)
        return x

    def draw(self, image: Tensor) -> Tensor:
        """Return every α, (N, curves·out_channels, H, W), the first curve's first; a loss keeps them smooth."""
        x = image
        waiting: list[Tensor] = []
        for number, layer in enumerate(self.layers):
            if number >= len(self.layers) - self.joins:
                x = torch.cat([waiting.pop(), x], 1)  # (N, 2·width, H, W)
            x = layer(x)
            if number < len(self.norms):
                x = torch.relu_(self.norms[number](x))  # (N, width, H, W)
            if number < self.joins:
                waiting.append(x)
        return torch.tanh(x)

    def _back(self, seen: Interval) -> Interval:
        for _ in self.layers:
            seen = through_conv(seen, 3)
        return seen
