"""What keeps a critic smooth: penalties on its gradient, clipped weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from gan_lessons.losses.objective import Scores

ScoreFunction = Callable[[Tensor], Scores]
"""A critic; a conditional one as ``lambda image: critic(image, condition)``."""


def gradient_penalty(
    critic: ScoreFunction,
    real: Tensor,
    fake: Tensor,
    *,
    weights: Sequence[float] | None = None,
    alpha: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return ``E (‖∇ critic(x)‖ - 1)²`` at random points x between real and fake (Gulrajani et al. 2017).

    arXiv:1704.00028, equation 3, without its λ (10: `WGANGP`). Each item has a random number and a norm over all its
    values. A map's score is its mean, that of several outputs their sum with ``weights``, as in the objectives; code
    that adds the map up instead has a penalty that grows with the image. A critic with batch norm has no gradient of
    its own an item: choose another norm.

    Parameters
    ----------
    critic : callable
        Images to scores, differentiable twice.
    real, fake : Tensor
        (N, C, H, W) both, or any shape with the items first; they get no gradient.
    weights : sequence of float, optional
        A critic's ``weights``; the outputs' mean by default.
    alpha : Tensor, optional
        (N,), the share of fake at each point; drawn uniformly from 0 to 1 by default, with ``generator``.

    >>> linear = lambda x: 3 * x.sum(1)
    >>> gradient_penalty(linear, torch.zeros(2, 1), torch.ones(2, 1))
    tensor(4.)
    """
    if alpha is None:
        alpha = torch.rand(real.shape[0], generator=generator, dtype=real.dtype, device=real.device)
    between = real.detach().lerp(fake.detach(), alpha.view(-1, *[1] * (real.ndim - 1)))
    return (_slope(critic, between, weights) - 1).square().mean()


def r1_penalty(critic: ScoreFunction, real: Tensor, *, weights: Sequence[float] | None = None) -> Tensor:
    """Return ``½ E ‖∇ critic(x)‖²`` at real images (Mescheder et al. 2018, arXiv:1801.04406, equation 9, without γ).

    Parameters are those of `gradient_penalty`.
    """
    return _slope(critic, real.detach(), weights).square().mean() / 2


def clip_weights(critic: nn.Module, limit: float = 0.01) -> None:
    """Clamp every parameter to ±limit in place, after each critic step (Arjovsky et al. 2017, arXiv:1701.07875)."""
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.clamp_(-limit, limit)


def _slope(critic: ScoreFunction, images: Tensor, weights: Sequence[float] | None) -> Tensor:
    """Return the norm of each item's gradient, (N,)."""
    images.requires_grad_()
    scores = critic(images)
    outputs = [scores] if isinstance(scores, Tensor) else scores
    weights = [1 / len(outputs)] * len(outputs) if weights is None else weights
    means = [output.reshape(len(images), -1).mean(1) for output in outputs]  # of each item, (N,)
    total = torch.stack([weight * mean.sum() for weight, mean in zip(weights, means, strict=True)]).sum()
    (gradient,) = torch.autograd.grad(total, images, create_graph=True)
    return torch.linalg.vector_norm(gradient.flatten(1), dim=1)
