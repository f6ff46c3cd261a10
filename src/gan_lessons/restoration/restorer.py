"""Restore one tile of one channel: bridge gaps, normalize, filter, run the network, and undo all of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from gan_lessons.generators import Generator
from gan_lessons.image import Normalization
from gan_lessons.restoration.gaps import REACH, fill_gaps, find_gaps
from gan_lessons.restoration.guides import Guides
from gan_lessons.restoration.network import CancelToken, forward, with_neighbors
from gan_lessons.restoration.output import to_pixels
from gan_lessons.restoration.report import Report
from gan_lessons.restoration.tiles import BATCH_PIXELS, Tile, within


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
    nodata: float | None = None
    token: CancelToken = field(default_factory=lambda: CancelToken(None))
    report: Report = field(default_factory=Report)

    @property
    def halo(self) -> tuple[int, int, int]:
        """Planes, rows and columns that the network looks beyond a tile."""
        side = self.generator.halo
        return self.context // 2, side, side

    @property
    def margin(self) -> tuple[int, int, int]:
        """Planes, rows and columns that guides and the filling of gaps look beyond what the network sees."""
        reaches = [(0,) * (3 - len(g.radius)) + tuple(g.radius) for g in self.guides if g]
        planes, rows, columns = np.max(reaches, axis=0) if reaches else (0, 0, 0)
        return max(0, int(planes) - self.context // 2), int(rows) + REACH, int(columns) + REACH

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
        planes, _, _ = within(tile.core, tile.read)
        _, rows, columns = within(tile.seen, tile.read)
        copies = None
        if guides:
            copies = guides.of_planes(x, planes, self.token.check)[:, :, rows, columns]  # (core Z, G·S, seen Y, seen X)
            self.token.check()
        image = with_neighbors(x[:, :, rows, columns], range(planes.start, planes.stop), self.context)
        _, rows, columns = within(tile.core, tile.seen)
        batch = max(1, BATCH_PIXELS // image[0, 0].numel())
        restored = []
        for first in range(0, len(image), batch):
            some = slice(first, first + batch)
            told = None if copies is None else copies[some]
            restored.append(forward(self.generator, image[some], told, self.token)[:, :, rows, columns])
        return torch.cat(restored)
