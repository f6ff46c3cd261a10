"""Right answers from torchmetrics and the library pass; what is no pair of losses is told so."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure
from torchmetrics.functional.image import total_variation as metrics_variation

from gan_lessons import check
from gan_lessons.losses import build_objective
from gan_lessons.losses.penalties import gradient_penalty
from gan_lessons.losses.perceptual import perceptual


def _objective(name: str) -> Any:
    objective = build_objective(name)
    return lambda real, fake: [objective.critic_loss(real, fake), objective.generator_loss(real, fake)]


def _ssim(image: Tensor, truth: Tensor, data_range: float) -> Tensor:
    """Cut off the border that torchmetrics reflects into."""
    _, full = structural_similarity_index_measure(
        image, truth, data_range=data_range, reduction="none", return_full_image=True
    )
    return 1 - full[..., 5:-5, 5:-5].flatten(1).mean(1)


def _variation(image: Tensor) -> Tensor:
    return metrics_variation(image, reduction="none") / image[0].numel()


@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        (check.least_squares, _objective("lsgan")),
        (check.wasserstein, _objective("wgan")),
        (check.hinge, _objective("hinge")),
        (check.relativistic, _objective("ragan-ls")),
        (check.gradient_penalty, lambda critic, real, fake, alpha: gradient_penalty(critic, real, fake, alpha=alpha)),
        (check.ssim_loss, _ssim),
        (check.perceptual_loss, perceptual),
        (check.total_variation, _variation),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_right_answers_from_elsewhere_pass(judge, answer, capsys):
    judge(answer)
    assert capsys.readouterr().out.startswith(f"✓ {judge.__name__}:")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda real, fake: ..., "expected the critic's and the generator's"),
        (lambda real, fake: fake.mean(), "expected the critic's and the generator's"),
        (lambda real, fake: (fake.mean() - real.mean(), -fake), "returns the shape"),
        (lambda real, fake: (fake.mean() - real.mean(), torch.tensor(torch.nan)), "isn't finite"),
        (lambda real, fake: (2 * (fake.mean() - real.mean()), -fake.mean()), "no mistake that we know"),
    ],
)
def test_what_is_no_pair_of_losses_is_told_so(answer, words):
    with pytest.raises(check.NotYet, match=words):
        check.wasserstein(answer)


def test_the_half_that_is_wrong_is_named():
    with pytest.raises(check.NotYet, match="wasserstein, the generator's loss: the sign is turned"):
        check.wasserstein(lambda real, fake: (fake.mean() - real.mean(), fake.mean()))
