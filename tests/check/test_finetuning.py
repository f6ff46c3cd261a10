"""Right answers from the library and scikit-image pass; what lessons' wrong answers don't try is tried here."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity
from skimage.registration import phase_cross_correlation
from torch import Tensor, nn

from gan_lessons import check
from gan_lessons.losses import WeightedSum
from gan_lessons.losses.content import charbonnier
from gan_lessons.losses.structure import _window, structural_dissimilarity


def _skimage_shift(raw: np.ndarray, reference: np.ndarray) -> Any:
    return phase_cross_correlation(raw, reference, upsample_factor=20, normalization=None)[0]


def _tuning_loss(image: Tensor, truth: Tensor, weight: float, data_range: float) -> Tensor:
    arguments = {"charbonnier": {"epsilon": 0.03}, "ssim": {"data_range": data_range}}
    return WeightedSum({"charbonnier": 1 - weight, "ssim": weight}, arguments)(image, truth)[0]


class CopiesAll:
    """Keeps a deep copy of the state."""

    def __init__(self) -> None:
        self.step, self.loss, self.weights = -1, math.inf, {}

    def offer(self, step: int, loss: float, network: nn.Module) -> None:
        if loss < self.loss:
            self.step, self.loss, self.weights = step, loss, copy.deepcopy(network.state_dict())


@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        (check.find_shift, _skimage_shift),
        (check.local_mean, _window),
        (check.similarity, lambda image, truth, wide: 1 - structural_dissimilarity(image, truth, wide)),
        (check.charbonnier, charbonnier),
        (check.tuning_loss, _tuning_loss),
        (check.keep_best, CopiesAll),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_right_answers_from_elsewhere_pass(judge, answer, capsys):
    judge(answer)
    assert capsys.readouterr().out.startswith(f"✓ {judge.__name__}:")


def test_the_oracle_of_similarity_is_scikit_images():
    """Not torch, so refused for its gradient only: its values are those that the check expects."""

    def by_skimage(image: Tensor, truth: Tensor, wide: float) -> Tensor:
        options: Any = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": wide}
        pairs = zip(image.detach().numpy()[:, 0], truth.numpy()[:, 0], strict=True)
        full = [structural_similarity(*pair, full=True, **options)[1][5:-5, 5:-5].mean() for pair in pairs]
        return torch.tensor(full) + 0 * image.mean((1, 2, 3))

    check.similarity(by_skimage)


@pytest.mark.parametrize(
    ("judge", "answer", "words"),
    [
        (check.find_shift, lambda raw, reference: 3.5, "returns the shape"),
        (check.three_regions, lambda length, gap: None, "a dict of three slices"),
        (
            check.three_regions,
            lambda length, gap: dict.fromkeys(("training", "validation", "test"), slice(9, 9)),
            "empty",
        ),
        (check.similarity, lambda image, truth, wide: None, "returns nothing yet"),
        (check.similarity, lambda image, truth, wide: structural_dissimilarity(image, truth, wide), "this is 1 - SSIM"),
        (check.charbonnier, lambda image, truth, epsilon: (image - truth).abs().mean((1, 2, 3)), "this is L1"),
        (
            check.tuning_loss,
            lambda image, truth, w, wide: structural_dissimilarity(image, truth),
            "a loss is one number",
        ),
    ],
)
def test_other_mistakes_are_told(judge, answer, words):
    with pytest.raises(check.NotYet, match=words):
        judge(answer)
