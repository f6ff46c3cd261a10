"""Lesson 4, first half: what a critic's scores cost the critic and the generator. Answers return both losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_lessons.check.exercise import NotYet, array_of, compare, exercise, require
from gan_lessons.losses.adversarial import LSGAN, Hinge
from gan_lessons.losses.penalties import gradient_penalty as library_penalty
from gan_lessons.losses.relativistic import RaGANLS

Answer = Callable[..., Any]


def _scores() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    real, fake = torch.randn(2, 3, 1, 4, 5, dtype=torch.float64) * 2
    return real + 2, fake


def _judge(
    name: str,
    answer: Any,
    right: tuple[Tensor, Tensor],
    critics: Mapping[str, Tensor],
    generators: Mapping[str, Tensor],
) -> None:
    """Compare a pair of losses with what is right, and with what each mistake gives."""
    good = isinstance(answer, tuple | list) and len(answer) == 2
    require(good, f"{name}: it returns nothing yet, or not two losses; expected the critic's and the generator's.")
    for who, found, expected, mistakes in zip(
        ("critic", "generator"), answer, right, (critics, generators), strict=True
    ):
        value = array_of(name, found, ()).reshape(1)
        exchanged = {f"the two losses are exchanged: the {who}'s is the other one.": right[who == "critic"]}
        told = {sentence: wrong.numpy().reshape(1) for sentence, wrong in {**mistakes, **exchanged}.items()}
        try:
            compare(name, value, expected.numpy().reshape(1), told)
        except NotYet as error:
            raise NotYet(f"{name}, the {who}'s loss: {str(error).removeprefix(f'{name}: ')}") from None


@exercise
def least_squares(answer: Answer) -> str:
    """Check ``least_squares(real, fake)``: half the squared distances to the labels 1 and 0."""
    r, f = _scores()
    library = LSGAN()
    right = library.critic_term(r, f), library.generator_term(r, f)
    sigmoid = "a sigmoid comes before the square: the slope dies where the critic is sure, which this loss is to avoid."
    critics = {
        sigmoid: library.critic_term(r.sigmoid(), f.sigmoid()),
        "the ½ is missing.": 2 * right[0],
        "the labels are exchanged: real images have 1, restored ones 0.": library.critic_term(f, r),
        "it has the labels 1 and -1; here they are 1 and 0.": ((r - 1).square().mean() + (f + 1).square().mean()) / 2,
        "only real images count.": (r - 1).square().mean() / 2,
    }
    generators = {
        sigmoid: library.generator_term(r, f.sigmoid()),
        "the ½ is missing.": 2 * right[1],
        "its label is 0; the generator wants 1.": f.square().mean() / 2,
    }
    _judge("least_squares", answer(r, f), right, critics, generators)
    return "a slope everywhere, even for scores that are right by far."


@exercise
def wasserstein(answer: Answer) -> str:
    """Check ``wasserstein(real, fake)``: the difference of mean scores, and the negative score."""
    r, f = _scores()
    right = f.mean() - r.mean(), -f.mean()
    critics = {
        "the sign is turned: the critic would learn to score restored images above real ones. E f - E r.": -right[0],
        "there is a logarithm or a sigmoid; Wasserstein takes scores as they are.": (
            nn.functional.softplus(f).mean() + nn.functional.softplus(-r).mean()
        ),
        "only restored images count.": f.mean(),
    }
    generators = {"the sign is turned: it lowers its own score. The generator minimizes -E f.": f.mean()}
    _judge("wasserstein", answer(r, f), right, critics, generators)
    return "less for a critic that scores real images higher; no logarithm, no bound."


@exercise
def hinge(answer: Answer) -> str:
    """Check ``hinge(real, fake)``: scores within the margin of 1, and the negative score."""
    r, f = _scores()
    library = Hinge()
    right = library.critic_term(r, f), library.generator_term(r, f)
    critics = {
        "the margins are exchanged: real scores belong above 1, restored ones below -1.": library.critic_term(f, r),
        "the maximum with 0 is missing: beyond the margin nothing is to be gained.": (1 - r + 1 + f).mean(),
        "the margin 1 is missing.": (-r).relu().mean() + f.relu().mean(),
        "it is half of it; here the two are added.": right[0] / 2,
    }
    generators = {
        "it has a hinge too: the generator minimizes -E f, with a slope everywhere.": (1 - f).relu().mean(),
        "the sign is turned: the generator minimizes -E f.": f.mean(),
    }
    _judge("hinge", answer(r, f), right, critics, generators)
    return "a critic that is sure stops learning, a generator never."


@exercise
def relativistic(answer: Answer) -> str:
    """Check ``relativistic(real, fake)``: RaGAN-LS, squared distances of score differences to 1 and -1, halved."""
    r, f = _scores()
    library = RaGANLS()
    right = library.critic_term(r, f), library.critic_term(f, r)
    each = ((r - f - 1).square().mean() + (f - r + 1).square().mean()) / 2
    critics = {
        "the ½ is missing.": 2 * right[0],
        "the signs are turned: a real image belongs 1 above the mean of restored ones.": right[1],
        "every score is compared with its own partner; relativistic *average* takes the other kind's mean.": each,
        "scores aren't compared with the other kind's mean.": ((r - 1).square().mean() + (f + 1).square().mean()) / 2,
        "the label of restored images is 0; it is -1.": (
            ((r - f.mean() - 1).square().mean() + (f - r.mean()).square().mean()) / 2
        ),
    }
    generators = {
        "it is the critic's own: the generator would help the critic. Exchange real and restored.": right[0],
        "only restored images count; real ones do for the generator too.": (f - r.mean() - 1).square().mean() / 2,
        "the ½ is missing.": 2 * right[1],
    }
    _judge("relativistic", answer(r, f), right, critics, generators)
    return "real above restored by 1, for the critic; the other way around for the generator."


class _Bowl(nn.Module):
    """A critic whose slope differs from place to place and from item to item."""

    def forward(self, image: Tensor) -> Tensor:
        """Return a map of scores."""
        return (image**3).sum(1, keepdim=True)


@exercise
def gradient_penalty(answer: Answer) -> str:
    """Check ``gradient_penalty(critic, real, fake, alpha)``: (|slope| - 1)² between real and restored images."""
    torch.manual_seed(0)
    critic = _Bowl()
    real, fake = torch.rand(2, 3, 2, 4, 4, dtype=torch.float64) * 4
    alpha = torch.tensor([0.1, 0.5, 0.8], dtype=torch.float64)

    def penalty(
        at: Tensor, *, each: bool = True, total: bool = False, one: float = 1.0, squared: bool = True
    ) -> Tensor:
        at = at.detach().requires_grad_()
        scores = critic(at)
        scores = scores.flatten(1).sum(1) if total else scores.flatten(1).mean(1)
        (slope,) = torch.autograd.grad(scores.sum(), at, create_graph=True)
        length = slope.flatten(1).norm(dim=1) if each else slope.norm()
        return ((length - one).square() if squared else (length - one)).mean().detach()

    share = alpha.view(-1, 1, 1, 1)
    between = share * fake + (1 - share) * real
    mistakes = {
        "alpha is the share of the restored image: real · (1 - alpha) + fake · alpha.": (
            penalty(share * real + (1 - share) * fake)
        ),
        "the map is summed, so the penalty grows with the image: take each image's mean score.": (
            penalty(between, total=True)
        ),
        "the slope's length is taken over the whole batch; each image has its own.": penalty(between, each=False),
        "the 1 is missing: slopes are drawn to 1, not to 0.": penalty(between, one=0.0),
        "the square is missing: slopes below 1 would be rewarded.": penalty(between, squared=False),
        "the slope is taken at the real images; it is taken between real and restored ones.": penalty(real),
        "the slope is taken at the restored images; it is taken between real and restored ones.": penalty(fake),
    }
    restored = fake.clone().requires_grad_()
    result = answer(critic, real, restored, alpha)
    found = array_of("gradient_penalty", result, ()).reshape(1)
    told = {sentence: value.numpy().reshape(1) for sentence, value in mistakes.items()}
    right = library_penalty(critic, real, fake, alpha=alpha).detach().numpy().reshape(1)
    compare("gradient_penalty", found, right, told)
    require(
        bool(result.requires_grad),
        "gradient_penalty: it has no gradient for the critic's weights: torch.autograd.grad(..., create_graph=True).",
    )
    require(
        torch.autograd.grad(result, restored, allow_unused=True)[0] is None,
        "gradient_penalty: its gradient reaches the generator: detach both images.",
    )
    return f"{float(np.squeeze(found)):.3g} for this critic; its gradient can be followed to the weights."
