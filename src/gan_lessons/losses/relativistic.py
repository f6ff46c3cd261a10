"""Relativistic objectives: a score counts against the mean score of the other kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lessons.losses.objective import Objective


@dataclass(frozen=True)
class RaGAN(Objective):
    """Is a real image more real than fakes on average? (Jolicoeur-Martineau 2018, arXiv:1807.00734, section 4.2).

    Cross-entropy of ``r - E f`` and ``f - E r``; ESRGAN's code halves the sum, the paper and this don't.

    Parameters
    ----------
    mean : callable
        Takes a score tensor, returns the mean that the other kind is compared with. DeblurGAN-v2's code takes the
        mean of a pool of 50 past maps; over several processes it has to be the mean of all of them.
    """

    mean: Callable[[Tensor], Tensor] = torch.mean
    relativistic: ClassVar[bool] = True

    def critic_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the cross-entropy of the differences, real above fake."""
        return F.softplus(self.mean(fake) - real).mean() + F.softplus(fake - self.mean(real)).mean()

    def generator_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the critic's, with the kinds exchanged: real images count for the generator too."""
        return self.critic_term(fake, real)


@dataclass(frozen=True)
class RaGANLS(RaGAN):
    """`RaGAN` with least squares, DeblurGAN-v2's (Kupyn et al. 2019, arXiv:1908.03826, eq. 2).

    Critic ``½[E(r - E f - 1)² + E(f - E r + 1)²]``, generator with the kinds exchanged. The ½ is in the code, not in
    the equation.
    """

    def critic_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the squared distances of the differences to ±1."""
        return ((real - self.mean(fake) - 1).square().mean() + (fake - self.mean(real) + 1).square().mean()) / 2
