"""Lesson 5: DeblurGAN's critic, what it minimizes, and the content loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gan_lessons.check.exercise import array_of, compare, exercise, require
from gan_lessons.check.networks import copy_weights, layers, require_network, require_shape
from gan_lessons.critics import PatchGAN
from gan_lessons.losses.penalties import gradient_penalty
from gan_lessons.losses.perceptual import perceptual

Answer = Callable[..., Any]


@exercise
def wasserstein_critic(answer: Answer) -> str:
    """Check ``wasserstein_critic(in_channels, width=64)``: a PatchGAN of 70 pixels that gives scores."""
    name = "wasserstein_critic"
    torch.manual_seed(0)
    critic = require_network(name, answer(2, width=4))
    need = "4×4 convolutions of padding 1 with the strides 2, 2, 2, 1 and 1"
    require_shape(name, critic, (3, 2, 64, 48), (3, 1, 6, 4), need)
    images = torch.randn(3, 2, 64, 48)
    for squashing, what in ((nn.Sigmoid, "a sigmoid"), (nn.Tanh, "tanh"), (nn.Softplus, "softplus")):
        there = bool(layers(critic, squashing))
        require(not there, f"{name}: there is {what}; a score may be any number, only then is there always a slope.")
    with torch.no_grad():
        scores = critic(images)
        require(
            bool((scores < 0).any() and (scores > 0).any()) or not _squashed(critic, images),
            f"{name}: scores stay in [0, 1] whatever the weights: there is a sigmoid; a score may be any number.",
        )
        alone = torch.cat([critic(image[None]) for image in images])
    require(
        torch.allclose(scores, alone, atol=1e-5),
        f"{name}: an image's scores change with the other images of the batch: that is batch norm. Take instance norm, "
        "so that each image has a slope of its own.",
    )
    slopes = [part.negative_slope for part in layers(critic, nn.LeakyReLU)]
    require(
        slopes == [0.2] * 4,
        f"{name}: LeakyReLUs have the slopes {slopes}; expected 0.2 behind each convolution but the last.",
    )
    library = PatchGAN(2, width=4, norm="instance")
    order = "Channels are width, 2, 4 and 8 times width, then 1; layers are built in the order they run."
    copy_weights(name, critic, library, "Every convolution has a bias, instance norm has no weights.", order)
    with torch.no_grad():
        count = len(layers(critic, nn.InstanceNorm2d))
        mistakes = {f"it has {count} instance norms; expected 3, none behind the first convolution.": scores.numpy()}
        found = array_of(name, scores, tuple(scores.shape))
        compare(name, found, library(images).double().numpy(), mistakes if count != 3 else {})
    return "scores of any size, each image by itself; equal to the library's with the same weights."


@exercise
def critic_slope(answer: Answer) -> str:
    """Check ``critic_slope(critic, images)``: the norm of the gradient of each image's mean score, (N,)."""
    name, (critic, images, _) = "critic_slope", _scene()
    gradient = _gradient(critic, images)
    right = gradient.flatten(1).norm(dim=1)
    answered = answer(critic, images)
    if isinstance(answered, Tensor) and answered.numel() == 1:
        require(False, f"{name}: it returns one number for the whole batch; expected one for each image, (N,).")
    found = array_of(name, answered, (len(images),))
    pixels = critic(images)[0].numel()
    mistakes = {
        "the score is the sum of the map: take its mean, else the slope grows with the image.": right * pixels,
        "the gradient is that of the batch's mean, so that it is divided by N: sum the images' scores.": right
        / len(images),
        "these are squared norms: the root is missing.": right.square(),
        "this is the gradient's mean absolute value; a norm is the root of the sum of squares.": gradient.abs()
        .flatten(1)
        .mean(1),
        "this is the sum of the gradient's absolute values; a norm is the root of the sum of squares.": gradient.abs()
        .flatten(1)
        .sum(1),
    }
    compare(name, found, right.double().numpy(), {k: v.double().numpy() for k, v in mistakes.items()})
    require(
        answered.requires_grad,
        f"{name}: the slopes can't be differentiated again, so that a penalty on them teaches nothing: "
        "create_graph=True, and no detach on them.",
    )
    require(not images.requires_grad, f"{name}: it switches on the gradient of the images it was given: detach them.")
    return "one slope an image, of its mean score, and differentiable."


@exercise
def wasserstein_loss(answer: Answer) -> str:
    """Check ``wasserstein_loss(critic, sharp, restored, alpha)``: with the penalty, times 10."""
    name, (critic, sharp, restored) = "wasserstein_loss", _scene()
    alpha = torch.tensor([0.2, 0.7, 0.4])
    answered = answer(critic, sharp, restored, alpha)
    found = array_of(name, answered, ())
    difference = critic(restored).mean() - critic(sharp).mean()

    def penalty(share: Tensor = alpha) -> Tensor:
        return gradient_penalty(critic, sharp, restored, alpha=share)

    between = sharp.lerp(restored, alpha.view(-1, 1, 1, 1))
    slope = _gradient(critic, between).flatten(1).norm(dim=1)
    right = difference + 10 * penalty()
    mistakes = {
        "the sign is turned: the critic minimizes the score of restored images minus that of sharp ones.": -difference
        + 10 * penalty(),
        "the penalty is subtracted; the critic minimizes it too.": difference - 10 * penalty(),
        "the penalty isn't in it.": difference,
        "the penalty counts once; its weight is 10.": difference + penalty(),
        "the penalty is on the slope, not on its distance from 1: (slope - 1)².": difference
        + 10 * slope.square().mean(),
        "the penalty is on the squared slope: (slope - 1)², with the slope itself.": difference
        + 10 * (slope.square() - 1).square().mean(),
        "the penalty is taken at restored images; take points between, at the shares `alpha`.": difference
        + 10 * penalty(torch.ones(3)),
        "the penalty is taken at sharp images; take points between, at the shares `alpha`.": difference
        + 10 * penalty(torch.zeros(3)),
        "`alpha` is taken as the share of the sharp image. It would teach the same; here it is the restored "
        "one's.": difference + 10 * penalty(1 - alpha),
    }
    arrays = {sentence: value.detach().double().numpy() for sentence, value in mistakes.items()}
    compare(name, found, right.detach().double().numpy(), arrays)
    weights = list(critic.parameters())
    for mine, theirs in zip(torch.autograd.grad(answered, weights), torch.autograd.grad(right, weights), strict=True):
        require(
            torch.allclose(mine, theirs, atol=1e-5),
            f"{name}: the value is right, its gradient isn't: is the penalty cut off, by detach or .item()?",
        )
    return "restored minus sharp, plus 10 times the penalty between them."


@exercise
def vgg_content(answer: Answer) -> str:
    """Check ``vgg_content(image, truth, trunk)``: gray images (N, 1, H, W) in [-1, 1], a trunk of normalized RGB."""
    name = "vgg_content"
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3)).requires_grad_(False)
    image, truth = torch.rand(2, 2, 1, 12, 10) * 2 - 1
    found = array_of(name, answer(image, truth, trunk), ())

    def distance(low: float = -1.0, *, kind: str = "mse") -> Tensor:
        return perceptual(image, truth, trunk, distance=kind, value_range=(low, 1.0)).mean()

    def raw(x: Tensor) -> Tensor:
        return trunk(x.expand(-1, 3, -1, -1))

    with torch.no_grad():
        unscaled = (raw((image + 1) / 2) - raw((truth + 1) / 2)).square()
        mistakes = {
            "images stay in [-1, 1]: VGG knows [0, 1]; (x + 1) / 2 before ImageNet's mean.": distance(0.0),
            "ImageNet's mean and deviation aren't used.": unscaled.mean(),
            "neither is the range brought to [0, 1], nor are ImageNet's mean and deviation used.": (
                (raw(image) - raw(truth)).square().mean()
            ),
            "the differences are absolute; DeblurGAN squares them.": distance(kind="l1"),
            "it compares pixels: both images must go through `trunk`.": (image - truth).square().mean(),
            "squares are added up; take their mean.": distance() * unscaled.numel(),
        }
        arrays = {sentence: value.double().numpy() for sentence, value in mistakes.items()}
        compare(name, found, distance().double().numpy(), arrays)
    slope = torch.autograd.grad(answer(image.requires_grad_(), truth, trunk), image)[0]
    require(bool(slope.any()), f"{name}: no gradient reaches the restored image: is there a detach or a no_grad?")
    return "the mean squared difference of features, of images as ImageNet had them."


def _scene() -> tuple[nn.Sequential, Tensor, Tensor]:
    """Return a small smooth critic, sharp and restored images."""
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Softplus(), nn.Conv2d(4, 1, 3))
    sharp, restored = torch.randn(2, 3, 1, 9, 8)
    return critic, sharp, restored


def _gradient(critic: nn.Module, images: Tensor) -> Tensor:
    images = images.detach().requires_grad_()
    return torch.autograd.grad(critic(images).flatten(1).mean(1).sum(), images)[0]


def _squashed(critic: nn.Module, images: Tensor) -> bool:
    """Tell whether scores stay in [0, 1] with weights 20 times as large."""
    before = nn.utils.parameters_to_vector(critic.parameters()).clone()
    nn.utils.vector_to_parameters(before * 20, critic.parameters())
    scores = critic(images)
    nn.utils.vector_to_parameters(before, critic.parameters())
    return bool((scores >= 0).all() and (scores <= 1).all())
