"""Our networks beside the public code: counts, the output for the same weights, and the time that both take.

``python benchmarks/networks.py --originals DIR``: DIR holds the clones that ``originals.py`` lists. The originals'
random weights go into ours through the key maps of ``gan-lessons convert``. Times are a thread's processor time
(``paired.py``); the ratio is the median of rounds, with the upper end of its one-sided 95 % interval.
"""

from __future__ import annotations

import argparse
import re
import warnings
from pathlib import Path

import torch
from originals import ORIGINALS
from paired import Ratio, race
from torch import nn

from gan_lessons.blocks import measure_cost
from gan_lessons.critics import build_critic
from gan_lessons.generators import build_generator
from gan_lessons.zoo.convert import load_published
from gan_lessons.zoo.key_maps import CRITIC_KEY_MAPS, KEY_MAPS, KeyMap

SIDES = {"rrdbnet": 64}
"""At which originals state their cost; 256 for all others."""

TIMED = {"rrdbnet": 16, "resnet": 64, "nafnet": 64, "unet": 256}
"""Sides that a thread computes in less than a second; 128 for all others."""


def ours(name: str) -> tuple[nn.Module, KeyMap]:
    """Build ours, and tell how the original's tensors are named."""
    if name in CRITIC_KEY_MAPS:
        return build_critic(name), CRITIC_KEY_MAPS[name]
    return build_generator(name), KEY_MAPS[name]


def wake(network: nn.Module) -> None:
    """Draw what starts at 0 or 1, so that nothing is left out of the comparison."""
    with torch.no_grad():
        for key, tensor in network.state_dict().items():
            if key.endswith("running_mean"):
                tensor.normal_(0, 0.1)
            elif key.endswith("running_var"):
                tensor.uniform_(0.5, 1.5)
            elif key.endswith(("beta", "gamma")) or (tensor.ndim == 1 and tensor.is_floating_point()):
                tensor.add_(torch.randn_like(tensor) * 0.1)


def port(original: nn.Module, network: nn.Module, key_map: KeyMap) -> None:
    """Put the original's weights into ours; every tensor has to fit."""
    tensors = {key.removeprefix("network."): tensor for key, tensor in original.state_dict().items()}
    misfits = load_published(network, tensors, key_map)
    if misfits:
        raise SystemExit("\n".join(misfits))


def difference(original: nn.Module, network: nn.Module, side: int) -> tuple[float, float]:
    """Return the largest difference of the outputs, and the largest output."""
    image = torch.rand(2, 3, side, side) * 0.5
    with torch.inference_mode():
        theirs, mine = original(image.clone()), network(image.clone())
    return float((theirs - mine).abs().max()), float(theirs.abs().max())


def time_pass(network: nn.Module, original: nn.Module, side: int, rounds: int, backward: bool) -> Ratio:
    """Race both at one image, forward alone or with the gradient of every parameter."""
    image = torch.rand(1, 3, side, side)

    def run(_: int, one: nn.Module) -> None:
        with torch.inference_mode(not backward):
            result = one(image.clone())
        if backward:
            result.square().mean().backward()

    return race(network, original, run, rounds)


def unused(original: nn.Module, key_map: KeyMap) -> dict[str, int]:
    """Return the parameters that the original builds and never runs, by the part that they are in."""
    parts: dict[str, int] = {}
    for key, parameter in original.named_parameters():
        if re.search(key_map.unused, key):
            part = ".".join(key.split(".")[:3])
            parts[part] = parts.get(part, 0) + parameter.numel()
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--originals", type=Path, required=True, help="folder of the clones")
    parser.add_argument("--only", nargs="*", default=list(ORIGINALS), choices=list(ORIGINALS))
    parser.add_argument("--rounds", type=int, default=15, help="pairs of timings; 0 for counts and outputs only")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of the originals' age
    print("| network | side | parameters, ours | original, run | built | GMACs, ours | original | largest difference |")
    print("|---|---|---|---|---|---|---|---|")
    pairs = {}
    for name in options.only:
        torch.manual_seed(0)
        original = ORIGINALS[name](options.originals)
        network, key_map = ours(name)
        wake(original)
        port(original, network, key_map)
        original.eval(), network.eval()
        pairs[name] = original, network
        side = SIDES.get(name, 256)
        mine, theirs = measure_cost(network, (1, 3, side, side)), measure_cost(original, (1, 3, side, side))
        idle = unused(original, key_map)
        error, largest = difference(original, network, TIMED.get(name, 128))
        print(
            f"| `{name}` | {side} | {mine.parameters:,} | {theirs.parameters - sum(idle.values()):,} | "
            f"{theirs.parameters:,} | {mine.macs / 1e9:.3f} | {theirs.macs / 1e9:.3f} | {error:.1e} of {largest:.2g} |",
            flush=True,
        )
        for part, count in idle.items():
            print(f"|   never run: `{part}` | | | | {count:,} | | | |")
    if options.rounds:
        print(
            "\n| network | side | pass | ours, ms | original, ms | ratio | upper 95 % |\n|---|---|---|---|---|---|---|"
        )
    for name, (original, network) in pairs.items() if options.rounds else ():
        for parameter in (*original.parameters(), *network.parameters()):
            parameter.requires_grad_(True)
        side = TIMED.get(name, 128)
        for label, backward in (("forward", False), ("forward + backward", True)):
            seen = time_pass(network, original, side, options.rounds, backward)
            times = f"{1e3 * seen.ours:.1f} | {1e3 * seen.theirs:.1f} | {seen.median:.3f} | {seen.upper:.3f}"
            print(f"| `{name}` | {side} | {label} | {times} |", flush=True)


if __name__ == "__main__":
    main()
