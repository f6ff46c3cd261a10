"""Answers by other means pass: torch.func's gradients, torchvision's normalization, the library's critic."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons import check
from gan_lessons.critics import PatchGAN


def _slope(critic: nn.Module, images: Tensor) -> Tensor:
    """Each image's gradient by itself, as torch.func makes it."""
    gradient = torch.func.grad(lambda image: critic(image[None]).mean())
    return torch.stack([torch.linalg.vector_norm(gradient(image)) for image in images])


def _loss(critic: nn.Module, sharp: Tensor, restored: Tensor, alpha: Tensor) -> Tensor:
    share = alpha[:, None, None, None]
    deviation = _slope(critic, share * restored + (1 - share) * sharp) - 1
    return 10 * (deviation**2).mean() - (critic(sharp).mean() - critic(restored).mean())


def _content(image: Tensor, truth: Tensor, trunk: nn.Module) -> Tensor:
    from torchvision.transforms.functional import normalize

    both = torch.cat([image, truth]).add(1).div(2).repeat(1, 3, 1, 1)
    features = trunk(normalize(both, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    return F.mse_loss(*features.chunk(2))


def _critic_step(
    generator: nn.Module,
    critic: nn.Module,
    optimizer: torch.optim.Optimizer,
    blurred: Tensor,
    sharp: Tensor,
    alpha: Tensor,
) -> float:
    with torch.no_grad():
        restored = generator(blurred)
    critic.zero_grad()
    loss = _loss(critic, sharp, restored, alpha)
    loss.backward()
    optimizer.step()
    return loss.item()


def _generator_step(
    generator: nn.Module,
    critic: nn.Module,
    optimizer: torch.optim.Optimizer,
    blurred: Tensor,
    sharp: Tensor,
    content: Callable[[Tensor, Tensor], Tensor],
    weight: float,
) -> float:
    generator.zero_grad()
    restored = generator(blurred)
    (-weight * critic(restored).mean()).backward(retain_graph=True)
    content(restored, sharp).backward()
    optimizer.step()
    return 0.0


@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        (check.wasserstein_critic, lambda channels, width=64: PatchGAN(channels, width=width, norm="instance")),
        (check.critic_slope, _slope),
        (check.wasserstein_loss, _loss),
        (check.vgg_content, _content),
        (check.wasserstein_step, _critic_step),
        (check.deblurgan_step, _generator_step),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_right_answers_by_other_means_pass(judge, answer, capsys):
    judge(answer)
    assert capsys.readouterr().out.startswith(f"✓ {judge.__name__}:")


@pytest.mark.parametrize("squash", [torch.sigmoid, lambda scores: scores.sigmoid().clamp(0.1, 0.9)])
def test_a_sigmoid_that_is_no_layer_is_found(squash):
    class Squashed(PatchGAN):
        def forward(self, image: Tensor, condition: Tensor | None = None) -> Tensor:
            return squash(super().forward(image, condition))

    with pytest.raises(check.NotYet, match="there is a sigmoid"):
        check.wasserstein_critic(lambda channels, width: Squashed(channels, width=width, norm="instance"))


def test_a_generator_that_moves_with_the_critic_is_found():
    def greedy(generator: nn.Module, *arguments: object) -> float:
        for weights in generator.parameters():
            weights.data += 1
        return 0.0

    with pytest.raises(check.NotYet, match="it moves the generator"):
        check.wasserstein_step(greedy)
