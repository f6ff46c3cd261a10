"""State dicts of the perceptual trunks with random weights: the real ones can't be in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from gan_lessons.losses.trunks import TRUNKS


def features_of(network: str, layers: int) -> nn.Sequential:
    """torchvision's own layers with its layers' default weights, without the memory of the classifier."""
    import torchvision  # seconds, which only the perceptual terms' tests need

    with torch.device("meta"):
        features = torchvision.models.get_model(network, weights=None).features[:layers]
    features = features.to_empty(device="cpu")
    torch.manual_seed(0)
    for module in features.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    return features.eval()


@pytest.fixture(scope="session")
def trunk_file(tmp_path_factory: pytest.TempPathFactory):
    """Return a function from a trunk's name to a file of weights, in torchvision's names and half precision."""
    folder = tmp_path_factory.mktemp("trunks")

    def write(name: str) -> Path:
        path = folder / f"{name}.pth"
        if not path.exists():
            state = features_of(TRUNKS[name].network, TRUNKS[name].layers).state_dict()
            half = {
                f"features.{key}": value.half() if value.is_floating_point() else value for key, value in state.items()
            }
            torch.save(half, path)
        return path

    return write
