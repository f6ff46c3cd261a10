"""Our critics beside the papers' code: counts, the same output from the same weights, time of a training step.

``python benchmarks/critics.py --originals DIR`` where DIR holds checkouts under their repositories' names. Their
classes are read out of their files and run as they stand; the Keras one needs keras with KERAS_BACKEND=torch and is
left out, aloud, without it. With OMP_NUM_THREADS=1 processor time depends less on what else the machine does.
"""

from __future__ import annotations

import argparse
import ast
import copy
import functools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from gan_lessons.critics import UNetCritic, build_critic
from gan_lessons.critics.base import Critic

PIX2PIX = ("pytorch-CycleGAN-and-pix2pix/models/networks.py", "NLayerDiscriminator")
PIX2PIXHD = ("pix2pixHD/models/networks.py", "MultiscaleDiscriminator", "NLayerDiscriminator")
DEBLURGAN = ("DeblurGANv2/models/networks.py", "NLayerDiscriminator")
REAL_ESRGAN = ("Real-ESRGAN/realesrgan/archs/discriminator_arch.py", "UNetDiscriminatorSN")
KERAS = ("deblur-gan/deblurgan/model.py", "discriminator_model")

INSTANCE = functools.partial(nn.InstanceNorm2d, affine=False)
DUAL = {"norm": "instance", "padding": 2}

ROWS: list[tuple[str, Callable[[], Critic], tuple[str, ...], dict[str, Any]]] = [
    ("pix2pix", lambda: build_critic("patchgan"), PIX2PIX, {"input_nc": 3}),
    ("pix2pix, conditional", lambda: build_critic("patchgan", condition_channels=3), PIX2PIX, {"input_nc": 6}),
    (
        "pix2pixHD, two scales, conditional",
        lambda: build_critic("multiscale", condition_channels=3),
        PIX2PIXHD,
        {"input_nc": 6, "norm_layer": INSTANCE, "num_D": 2},
    ),
    ("DeblurGAN-v2, patch", lambda: build_critic("patchgan", **DUAL), DEBLURGAN, {"norm_layer": INSTANCE}),
    (
        "DeblurGAN-v2, full",
        lambda: build_critic("patchgan", depth=5, **DUAL),
        DEBLURGAN,
        {"norm_layer": INSTANCE, "n_layers": 5},
    ),
    ("Real-ESRGAN", lambda: build_critic("unet"), REAL_ESRGAN, {"num_in_ch": 3}),
]


def read_definitions(path: Path, names: tuple[str, ...], scope: dict[str, Any]) -> Any:
    """Run the definitions of these classes or functions, and nothing else of the file; return the first."""
    found = [node for node in ast.parse(path.read_text()).body if getattr(node, "name", None) in names]
    for node in found:
        node.decorator_list = []  # type: ignore[attr-defined]
    exec(compile(ast.Module(found, []), str(path), "exec"), scope)
    return scope[names[0]]


def build_original(folder: Path, where: tuple[str, ...], arguments: dict[str, Any]) -> nn.Module:
    scope = {"torch": torch, "nn": nn, "np": np, "functools": functools, "F": nn.functional}
    scope["spectral_norm"] = nn.utils.spectral_norm
    return read_definitions(folder / where[0], where[1:], scope)(**arguments)


def layers(network: nn.Module) -> list[nn.Module]:
    return [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.BatchNorm2d))]


@torch.no_grad()
def port(original: nn.Module, ours: nn.Module) -> None:
    """Copy weights layer by layer, in order; pix2pixHD numbers its scales from the coarsest."""
    theirs, mine = layers(original), layers(ours)
    if hasattr(original, "num_D"):
        theirs = [m for scale in reversed(range(original.num_D)) for m in layers(getattr(original, f"layer{scale}"))]
    for source, target in zip(theirs, mine, strict=True):
        if is_parametrized(target):
            weight = target.parametrizations.weight  # type: ignore[union-attr,operator]
            weight.original.copy_(source.weight_orig)  # type: ignore[union-attr,operator]
            weight[0]._u.copy_(source.weight_u)  # type: ignore[union-attr,operator,index]
            weight[0]._v.copy_(source.weight_v)  # type: ignore[union-attr,operator,index]
        else:
            target.load_state_dict(source.state_dict())


def flat(scores: Any) -> list[Tensor]:
    return [scores] if isinstance(scores, Tensor) else [tensor for score in scores for tensor in flat(score)]


def step(critic: nn.Module, *inputs: Tensor) -> None:
    critic.zero_grad(set_to_none=True)
    torch.stack([score.mean() for score in flat(critic(*inputs))]).sum().backward()


def compare_time(ours: nn.Module, theirs: nn.Module, mine: list[Tensor], joined: Tensor, rounds: int) -> str:
    """Return the median ratio of a step's processor time, and the upper end of its 95 % interval (bootstrap).

    Both are copied for each round: where weights come to lie in memory alone makes 10 % between equal networks.
    """
    ratios = []
    for i in range(rounds):
        pair = [(copy.deepcopy(ours).train(), mine), (copy.deepcopy(theirs).train(), [joined])]
        seconds = [0.0, 0.0]
        for which in (0, 1, 0, 1) if i % 2 else (1, 0, 1, 0):  # the first step of each warms up
            begin = time.process_time()
            step(pair[which][0], *pair[which][1])
            seconds[which] = time.process_time() - begin
        ratios.append(seconds[0] / seconds[1])
    medians = np.median(np.random.default_rng(0).choice(np.array(ratios), (2000, rounds)), 1)
    return f"{np.median(ratios):.2f} (≤ {np.quantile(medians, 0.975):.2f})"


def describe_row(name: str, ours: Critic, original: nn.Module, side: int, repeats: int) -> str:
    port(original, ours)
    image, condition = torch.rand(2, 1, 3, side, side) * 2 - 1
    beside = (condition,) if ours.condition_channels else ()
    joined = torch.cat([*beside, image], 1)
    for network in (ours, original):
        network.train(not isinstance(ours, UNetCritic))  # where training has a power iteration, after the first output
    with torch.no_grad():
        pairs = zip(flat(ours(image, *beside)), flat(original(joined)), strict=True)
        difference = max(((a - b).abs().max() / b.abs().max()).item() for a, b in pairs)
    ratio = compare_time(ours, original, [image, *beside], joined, repeats)
    counts = [sum(p.numel() for p in network.parameters()) for network in (ours, original)]
    return f"| {name} | {counts[0]:,} | {counts[1]:,} | {difference:.0e} | {ratio} |"


TO_TORCH = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}  # convolution, dense, norm


def keras_row(folder: Path) -> str:
    """Compare `DenseCritic` in evaluation: Keras's ε put in, random weights and statistics."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras
    from keras import layers as k

    scope = {name: getattr(k, name) for name in ("Input", "Conv2D", "BatchNormalization", "Flatten", "Dense")}
    scope |= {"LeakyReLU": lambda slope: k.LeakyReLU(negative_slope=slope), "Model": keras.Model}
    scope |= {"ndf": 64, "input_shape_discriminator": (256, 256, 3)}
    original = read_definitions(folder / KERAS[0], KERAS[1:], scope)()
    ours = build_critic("dense", "keras-deblurgan").eval()
    targets = [m for m in ours.modules() if isinstance(m, (nn.Conv2d, nn.Linear, nn.BatchNorm2d))]
    rng = np.random.default_rng(0)
    with torch.no_grad():
        for layer, target in zip([layer for layer in original.layers if layer.get_weights()], targets, strict=True):
            weights = [rng.normal(0.5 * (w.ndim == 1), 0.05, w.shape) for w in layer.get_weights()]
            layer.set_weights(weights)
            tensors = [torch.from_numpy(w).float() for w in weights]
            target.weight.copy_(tensors[0].permute(*TO_TORCH[tensors[0].ndim]))
            target.bias.copy_(tensors[1])
            if isinstance(target, nn.BatchNorm2d):
                target.eps, target.running_mean, target.running_var = 1e-3, tensors[2], tensors[3]
        image = torch.rand(2, 3, 256, 256) * 2 - 1
        theirs = original(image.permute(0, 2, 3, 1).numpy(), training=False).cpu()
        difference = ((ours(image) - theirs).abs().max() / theirs.abs().max()).item()
    counts = [sum(p.numel() for p in ours.parameters()), sum(int(np.prod(w.shape)) for w in original.trainable_weights)]
    return f"| DeblurGAN in Keras | {counts[0]:,} | {counts[1]:,} | {difference:.0e} | – |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--originals", type=Path, required=True, help="folder of checkouts")
    parser.add_argument("--side", type=int, default=256, help="of the images")
    parser.add_argument("--repeats", type=int, default=20, help="rounds of two steps each")
    options = parser.parse_args()
    torch.manual_seed(0)
    print("| critic | parameters | original's | relative difference | time of a step, ours / original's |")
    print("|---|---|---|---|---|")
    for name, build, where, arguments in ROWS:
        ours, original = build(), build_original(options.originals, where, arguments)
        print(describe_row(name, ours, original, options.side, options.repeats), flush=True)
    try:
        print(keras_row(options.originals))
    except ImportError as error:
        print(f"| DeblurGAN in Keras: not compared, {error} |")


if __name__ == "__main__":
    main()
