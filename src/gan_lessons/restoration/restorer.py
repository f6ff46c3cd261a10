"""Restore one tile of one channel: bridge gaps, normalize, filter, run the network, and undo all of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from gan_lessons.generators import Generator
from gan_lessons.image import Normalization
from gan_lessons.restoration.flux import GATE_REACH, LOW_REACH, beyond_noise, keep_flux
from gan_lessons.restoration.gaps import REACH, fill_gaps, find_gaps
from gan_lessons.restoration.guides import Guides
from gan_lessons.restoration.network import CancelToken, forward, with_neighbors
from gan_lessons.restoration.output import to_pixels
from gan_lessons.restoration.report import Report
from gan_lessons.restoration.self_ensemble import self_ensemble
from gan_lessons.restoration.tiles import BATCH_PIXELS, Tile, grown, round_up, within


@dataclass(frozen=True, eq=False)
class Restorer:
    """All that a tile's restoration depends on besides its pixels.

    Parameters
    ----------
    generator : Generator
        Prepared for ``device``.
    context : int
        Neighboring planes that the generator sees at once, 1 for none.
    guides : list of Guides or None
        By channel.
    normalizations : list of Normalization
        By channel.
    dtype : numpy dtype
        Of the result.
    ensemble : int
        Positions of each plane whose results are averaged; see `self_ensemble`.
    keeps_flux : bool
        Whether low frequencies come from a deconvolved stack where there is one; see `keep_flux`.
    nodata : float, optional
    report : Report
        Clipped pixels are counted there.
    """

    generator: Generator
    context: int
    guides: list[Guides | None]
    normalizations: list[Normalization]
    device: torch.device
    dtype: np.dtype
    ensemble: int = 1
    keeps_flux: bool = False
    nodata: float | None = None
    token: CancelToken = field(default_factory=lambda: CancelToken(None))
    report: Report = field(default_factory=Report)

    @property
    def halo(self) -> tuple[int, int, int]:
        """Planes, rows and columns that the network, and the keeping of the flux, look at beyond a tile."""
        planes, side = self._flux_reach
        return self.context // 2 + planes, self.generator.halo + side, self.generator.halo + side

    @property
    def margin(self) -> tuple[int, int, int]:
        """Planes, rows and columns that guides and the filling of gaps look beyond what the network sees."""
        reaches = [(0,) * (3 - len(g.radius)) + tuple(g.radius) for g in self.guides if g]
        planes, rows, columns = np.max(reaches, axis=0) if reaches else (0, 0, 0)
        _, side = self._flux_reach  # there the guides may be a little less exact
        return max(0, int(planes) - self.halo[0]), int(rows) - side + REACH, int(columns) - side + REACH

    @property
    def _flux_reach(self) -> tuple[int, int]:
        """Planes, and rows or columns in whole strides, whose results keep the flux of a tile."""
        if not (self.keeps_flux and self.in_blocks):
            return 0, 0
        return LOW_REACH[0], round_up(LOW_REACH[1], self.generator.stride)

    @property
    def in_blocks(self) -> bool:
        """Whether guides look farther than their margin, so that tiles must be parts of fixed blocks."""
        return any(guides.far for guides in self.guides if guides)

    def restore_tile(self, pixels: np.ndarray, tile: Tile, channel: int) -> np.ndarray:
        """Restore a tile.

        Shape
        -----
        (Z, S, Y, X) of ``tile.read`` → (Z, S, Y, X) of ``tile.core``
        """
        self.token.check()
        normalization = self.normalizations[channel]
        gaps = find_gaps(pixels, self.nodata)
        values = pixels if gaps is None else fill_gaps(pixels, gaps, normalization.offset)
        with self.token.turn(), torch.inference_mode():
            x = torch.from_numpy(normalization.apply(values)).to(self.device)
            restored = self._run(x, tile, self.guides[channel]).cpu().numpy()
        planes, rows, columns = within(tile.core, tile.read)
        original = pixels[planes, :, rows, columns]
        core_gaps = None if gaps is None else gaps[planes, :, rows, columns]
        result, clipped = to_pixels(normalization.undo(restored), original, core_gaps, self.dtype, self.nodata)
        self.report.clipped += clipped
        return result

    def _run(self, x: Tensor, tile: Tile, guides: Guides | None) -> Tensor:
        """Guide and restore: (Z, S, Y, X) of ``tile.read`` → (Z, S, Y, X) of ``tile.core``."""
        flux = self.keeps_flux and guides is not None and guides.far
        wide = grown(tile.core, LOW_REACH, tile.seen) if flux else tile.core
        planes, _, _ = within(wide, tile.read)
        _, rows, columns = within(tile.seen, tile.read)
        copies = None
        if guides:
            copies = guides.of_planes(x, planes, self.token.check)[:, :, rows, columns]  # (wide Z, G·S, seen Y, seen X)
            self.token.check()
        image = with_neighbors(x[:, :, rows, columns], range(planes.start, planes.stop), self.context)
        _, rows, columns = within(wide, tile.seen)
        restored = self._through_network(image, copies)[:, :, rows, columns]
        if not flux:
            return restored
        assert copies is not None
        deconvolved = copies[:, -1, rows, columns]  # the last guide is the last iterate: (wide Z, wide Y, wide X)
        box = grown(wide, GATE_REACH, tile.read)
        shown = beyond_noise(x[:, 0][within(box, tile.read)].cpu().numpy(), self.token.check)[within(wide, box)]
        kept = keep_flux(restored[:, 0].cpu().numpy(), deconvolved.cpu().numpy(), shown, self.token.check)
        return torch.from_numpy(kept[within(tile.core, wide)])[:, None]

    def _through_network(self, image: Tensor, copies: Tensor | None) -> Tensor:
        """Restore planes, a few at a time: (Z, S or context, Y, X) → (Z, S, Y, X)."""

        def network(image: Tensor, guides: Tensor | None) -> Tensor:
            return forward(self.generator, image, guides, self.token)

        batch = max(1, BATCH_PIXELS // image[0, 0].numel())
        restored = []
        for first in range(0, len(image), batch):
            some = slice(first, first + batch)
            told = None if copies is None else copies[some]
            restored.append(self_ensemble(network, image[some], told, size=self.ensemble, stride=self.generator.stride))
        return torch.cat(restored)
