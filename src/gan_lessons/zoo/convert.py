"""Bring published weights (PyTorch's ``.pth``, or safetensors) into a network and a model file of ours."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, load, nn

from gan_lessons.errors import InputError, suggest
from gan_lessons.generators import build_generator
from gan_lessons.zoo.card import Card
from gan_lessons.zoo.format import Model
from gan_lessons.zoo.key_maps import KEY_MAPS, KeyMap

WRAPPERS = ("params_ema", "params", "model", "state_dict", "generator")
"""Under which published files keep the tensors; the averaged ones (EMA) come first, as their authors use them."""

STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


class Misfits(InputError):
    """Published weights are those of another network; ``lines`` names every tensor that doesn't fit."""

    def __init__(self, message: str, lines: list[str]) -> None:
        super().__init__(f"{message}; first {lines[0]}")
        self.lines = lines


def convert(path: str | Path, architecture: str, **arguments: Any) -> Model:
    """Read published weights into a generator of ours.

    Parameters
    ----------
    path : path
        A file of tensors; nothing in it is executed.
    architecture : str
        One of `KEY_MAPS`.
    **arguments
        As `build_generator` takes them, for other forms than the paper's: ``scale=2``, ``depth=6``, ``width=64``.

    Returns
    -------
    Model
        Its card names the file and the project; the licence is for the user to look up there.

    Raises
    ------
    InputError
        If the file can't be read; `Misfits` if a tensor is missing, unexpected or of another shape.
    """
    if architecture not in KEY_MAPS:
        raise InputError(
            f"architecture {architecture!r}: no published weights are known; {suggest(architecture, KEY_MAPS)}"
        )
    key_map = KEY_MAPS[architecture]
    generator = build_generator(architecture, **arguments)
    misfits = load_published(generator, read_tensors(path), key_map)
    if misfits:
        raise Misfits(f"{path}: {len(misfits)} tensors don't fit {architecture} {arguments or ''}".rstrip(), misfits)
    card = Card(
        name=Path(path).stem,
        purpose=f"Converted weights of {key_map.source}",
        architecture=architecture,
        arguments=arguments,
        axes="YXC" if generator.in_channels > 1 else "YX",
        low=0.0,
        high=100.0,
        darkest=key_map.darkest,
        training_data="as its authors publish",
        licence="as its authors publish",
    )
    return Model(generator.eval(), card)


def read_tensors(path: str | Path) -> dict[str, Tensor]:
    """Read the tensors of a ``.pth`` or safetensors file, without the names of their wrappers; nothing is executed."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    try:
        found = load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise InputError(
            f"{path}: not a file of tensors that can be read without running code ({type(error).__name__}); "
            "expected what torch.save makes of a state dict"
        ) from error
    for wrapper in WRAPPERS:
        if isinstance(found, Mapping) and isinstance(found.get(wrapper), Mapping):
            found = found[wrapper]
    tensors = {str(key): value for key, value in found.items()} if isinstance(found, Mapping) else {}
    if not tensors or not all(isinstance(value, Tensor) for value in tensors.values()):
        raise InputError(f"{path}: no tensors by name found; expected them at the top or in {', '.join(WRAPPERS)}")
    return {key.removeprefix("module."): value.float() for key, value in tensors.items()}


def rename(tensors: Mapping[str, Tensor], key_map: KeyMap) -> dict[str, Tensor]:
    """Give tensors our names and signs, and leave out those that the public code never needs."""
    renamed = {}
    for key, tensor in tensors.items():
        if re.search(key_map.unused, key):
            continue
        for pattern, replacement in key_map.rules:
            key = re.sub(pattern, replacement, key)
        renamed[key] = -tensor if key in key_map.negated else tensor
    return renamed


def load_published(network: nn.Module, tensors: Mapping[str, Tensor], key_map: KeyMap) -> list[str]:
    """Put published tensors into a network, if all fit; else return a line for each that doesn't, and change nothing.

    Running statistics that the network's norms don't keep are passed over, and its counters of batches may be missing.
    """
    ours, theirs = network.state_dict(), rename(tensors, key_map)
    theirs = {key: tensor for key, tensor in theirs.items() if key in ours or not key.endswith(STATISTICS)}
    missing = [key for key in ours if key not in theirs and not key.endswith("num_batches_tracked")]
    misfits = [f"missing: {key} {tuple(ours[key].shape)}" for key in missing]
    for key, tensor in theirs.items():
        if key not in ours:
            misfits.append(f"unexpected: {key} {tuple(tensor.shape)}")
        elif tensor.shape != ours[key].shape:
            misfits.append(f"shape: {key} is {tuple(tensor.shape)}, expected {tuple(ours[key].shape)}")
    if not misfits:
        network.load_state_dict(theirs, strict=False)
    return misfits
