"""What a run says of itself, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Progress:
    """A step was taken.

    Parameters
    ----------
    step, total : int
    losses : dict of str to float
        Every term of the step without its weight; ``loss`` is the weighted sum.
    figures : dict of str to float
        The latest on validation pairs, ``validation psnr`` (dB) and ``validation ssim``, and ``input psnr`` and ``input
        ssim`` of the degraded images themselves; empty before the first measurement, or without validation pairs.
    measured : bool
        Whether the figures are of this step.
    advice : tuple of str
        What looks wrong, in words.
    """

    step: int
    total: int
    losses: dict[str, float]
    figures: dict[str, float] = field(default_factory=dict)
    measured: bool = False
    advice: tuple[str, ...] = ()
