"""Trunks of ImageNet classifiers for the perceptual loss: which layers, and weights from a local file."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gan_lessons.errors import InputError


class Trunk(NamedTuple):
    """Where a trunk ends, and what its users do with it.

    Parameters
    ----------
    network : str
        torchvision's name.
    layers : int
        How many of its ``features`` run.
    distance : str
        ``"mse"`` or ``"l1"`` of the features.
    least : int
        Least pixels along Y and X that leave a feature.
    file : str
        Under which name torchvision publishes the weights.
    where : str
        The layer in words, and who uses it.
    """

    network: str
    layers: int
    distance: str
    least: int
    file: str
    where: str


TRUNKS = {
    "vgg19-conv3_3": Trunk("vgg19", 15, "mse", 4, "vgg19-dcbb9e9d.pth", "conv3_3 before ReLU: DeblurGAN, DeblurGAN-v2"),
    "vgg19-conv5_4": Trunk("vgg19", 35, "l1", 16, "vgg19-dcbb9e9d.pth", "conv5_4 before ReLU: ESRGAN"),
    "vgg16-block3_conv3": Trunk("vgg16", 16, "mse", 4, "vgg16-397923af.pth", "conv3_3 after ReLU: Keras DeblurGAN"),
    "mobilenet_v2": Trunk("mobilenet_v2", 7, "mse", 1, "mobilenet_v2-b0353104.pth", "the last 32 channels, stride 8"),
    "squeezenet1_1": Trunk("squeezenet1_1", 8, "mse", 9, "squeezenet1_1-b8a52dc0.pth", "the fourth fire, stride 8"),
}


def load_trunk(name: str, weights: str | Path | None) -> nn.Sequential:
    """Build a trunk of `TRUNKS`, frozen and in eval mode, with weights from a file; nothing is ever downloaded.

    Parameters
    ----------
    weights : path
        A state dict in torchvision's names, whole or features only, float32 or half (read as float32), or a folder that
        holds the file under its published name. Read with ``weights_only=True``.

    Raises
    ------
    InputError
        If there is no such file, it isn't a state dict, or a tensor is missing or of another shape.
    """
    return load_features(name, TRUNKS[name], weights)


def load_features(name: str, trunk: Trunk, weights: str | Path | None) -> nn.Sequential:
    """Build any network's trunk as `load_trunk` does; ``name`` begins the messages."""
    import torchvision  # seconds

    with torch.device("meta"):  # no memory and no random numbers for weights that are about to be replaced
        features: nn.Sequential = torchvision.models.get_model(trunk.network, weights=None).features[: trunk.layers]
    path = _find(name, trunk, weights)
    state = _read(name, path)
    expected = {f"features.{key}": tensor for key, tensor in features.state_dict().items()}
    for key, tensor in expected.items():
        found = state.get(key)
        if not isinstance(found, Tensor) or found.shape != tensor.shape:
            shape = tuple(found.shape) if isinstance(found, Tensor) else "nothing"
            raise InputError(f"{name}: {path} has {shape} as {key}; expected {tuple(tensor.shape)}, as in {trunk.file}")
    chosen = {key.removeprefix("features."): _full(state[key]) for key in expected}
    features.load_state_dict(chosen, assign=True)
    return features.eval().requires_grad_(False)


def _find(name: str, trunk: Trunk, weights: str | Path | None) -> Path:
    need = f"ImageNet weights of {trunk.network} as torchvision publishes them, {trunk.file}"
    if weights is None:
        raise InputError(f"{name}: no weights given; expected the path of {need}: pass weights=PATH")
    path = Path(weights)
    path = path / trunk.file if path.is_dir() else path
    if not path.is_file():
        raise InputError(f"{name}: no file {path}; expected {need}: put it there or pass weights=PATH")
    return path


def _read(name: str, path: Path) -> dict[str, Tensor]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{name}: {path} can't be read as a state dict ({reason})") from error
    if not isinstance(state, dict):
        raise InputError(f"{name}: {path} holds a {type(state).__name__}; expected a state dict")
    return state


def _full(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor
