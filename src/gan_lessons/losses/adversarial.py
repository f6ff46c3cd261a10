"""Adversarial objectives: what a critic and a generator minimize, from the critic's scores, and all of them by name.

A score is what the critic's last layer gives: any real number, high for real, never through a sigmoid. Means run over
the batch and over the positions of a critic's map; of several outputs (`MultiScaleCritic`, `DualCritic`) each has its
own loss, and the losses are added with the critic's ``weights``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lessons.losses.objective import Objective
from gan_lessons.losses.relativistic import RaGAN, RaGANLS
from gan_lessons.registry import construct, look_up


@dataclass(frozen=True)
class BCE(Objective):
    """Binary cross-entropy, the generator's non-saturating (Goodfellow et al. 2014, arXiv:1406.2661, section 3).

    Critic ``E softplus(-r) + E softplus(f)``, generator ``E softplus(-f)``. pix2pix halves the critic's; this doesn't.

    Parameters
    ----------
    smoothing : float
        The real label is ``1 - smoothing`` (Salimans et al. 2016, arXiv:1606.03498, one-sided: fakes stay 0).

    >>> BCE().critic_loss(torch.zeros(4), torch.zeros(4)).item() == 2 * torch.tensor(2.0).log().item()
    True
    """

    smoothing: float = 0.0

    def critic_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the cross-entropy of both."""
        label = torch.full_like(real, 1 - self.smoothing)
        return F.binary_cross_entropy_with_logits(real, label) + F.softplus(fake).mean()

    def generator_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the cross-entropy of fakes labeled real."""
        return F.softplus(-fake).mean()


@dataclass(frozen=True)
class Minimax(BCE):
    """The game as it was written first: the generator maximizes the critic's loss (Goodfellow et al. 2014, eq. 1).

    Generator ``E log(1 - sigmoid(f))``. Its gradient vanishes where the critic is sure: for lessons, not for use.
    """

    def generator_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the log-probability of being found out."""
        return -F.softplus(fake).mean()


@dataclass(frozen=True)
class LSGAN(Objective):
    """Least squares to the labels 1 and 0 (Mao et al. 2017, arXiv:1611.04076, eq. 9), both losses with its ½.

    Parameters
    ----------
    smoothing : float
        The critic's real label is ``1 - smoothing``.
    """

    smoothing: float = 0.0

    def critic_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the squared distances to the labels."""
        return ((real - (1 - self.smoothing)).square().mean() + fake.square().mean()) / 2

    def generator_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the squared distance to the label of a real image."""
        return (fake - 1).square().mean() / 2


@dataclass(frozen=True)
class WGAN(Objective):
    """Difference of mean scores (Arjovsky et al. 2017, arXiv:1701.07875): critic ``E f - E r``, generator ``-E f``.

    Unbounded unless the critic is kept smooth: `clip_weights` (the paper's), `gradient_penalty` or spectral norm.
    """

    def critic_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return how much higher fakes score."""
        return fake.mean() - real.mean()

    def generator_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the negative score."""
        return -fake.mean()


@dataclass(frozen=True)
class WGANGP(WGAN):
    """`WGAN` to be used with `gradient_penalty` (Gulrajani et al. 2017, arXiv:1704.00028, λ = 10, 5 critic steps)."""

    penalty: ClassVar[float] = 10.0


@dataclass(frozen=True)
class Hinge(Objective):
    """Hinge (Lim & Ye 2017, arXiv:1705.02894; Miyato et al. 2018, arXiv:1802.05957, eq. 16 and 17).

    Critic ``E max(0, 1 - r) + E max(0, 1 + f)``, generator ``-E f``.
    """

    def critic_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return how far scores are from a margin of 1 on their side."""
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()

    def generator_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the negative score."""
        return -fake.mean()


OBJECTIVES: dict[str, type[Objective]] = {
    "minimax": Minimax,
    "bce": BCE,
    "lsgan": LSGAN,
    "wgan": WGAN,
    "wgan-gp": WGANGP,
    "hinge": Hinge,
    "ragan": RaGAN,
    "ragan-ls": RaGANLS,
}


def build_objective(name: str, **arguments: Any) -> Objective:
    """Build an objective by its name in `OBJECTIVES`.

    >>> build_objective("bce", smoothing=0.1)
    BCE(smoothing=0.1)

    Raises
    ------
    InputError
        If the name or an argument is unknown; the message suggests the nearest.
    """
    return construct(f"objective {name!r}", look_up("objective", OBJECTIVES, name), arguments)


def list_objectives() -> list[str]:
    """Return the names that `build_objective` knows."""
    return list(OBJECTIVES)
