"""How published weights name their tensors, and how ours do: substitutions, applied one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Rules = tuple[tuple[str, str], ...]
"""Pairs of a regular expression and what takes its place (`re.sub`)."""


@dataclass(frozen=True)
class KeyMap:
    """How to read the weights that one project publishes.

    Parameters
    ----------
    source : str
        Whose they are, and where.
    rules : Rules
    unused : str
        Expression of the names of tensors that the public code stores, and doesn't need to run.
    negated : tuple of str
        Our names of tensors whose sign the public code has the other way round.
    darkest : float
        What black is for the network; white is 1.
    """

    source: str
    rules: Rules
    unused: str = r"^$"
    negated: tuple[str, ...] = ()
    darkest: float = 0.0


def _each(pattern: str, replacement: str, numbers: Iterable[int]) -> Rules:
    """Write a rule for each number: ``<n>`` is the number there; here they are counted from 0."""
    return tuple((pattern.replace("<n>", str(n)), replacement.replace("<n>", str(i))) for i, n in enumerate(numbers))


def _unet(depth: int = 8) -> Iterator[tuple[str, str]]:
    """pix2pix nests its levels: each is the fourth child of the one around it, of the outermost the second."""
    prefix = r"^model\.model\."
    yield prefix + r"0\.", "encoder.0."
    yield prefix + r"3\.(?=\w+$)", "last.1."
    for level in range(1, depth):
        prefix += r"1\.model\." if level == 1 else r"3\.model\."
        up = 3 if level == depth - 1 else 5  # the innermost level has neither a norm on the way down nor a child
        yield prefix + rf"({'1' if up == 3 else '[12]'})\.(?=\w+$)", rf"encoder.{level}.\1."
        yield prefix + rf"{up}\.(?=\w+$)", f"decoder.{depth - 1 - level}.1."
        yield prefix + rf"{up + 1}\.(?=\w+$)", f"decoder.{depth - 1 - level}.2."


_RESNET: Rules = (
    (r"^model\.1\.", "first.0."),
    (r"^model\.2\.", "first.1."),
    (r"^model\.4\.", "down.0.0."),
    (r"^model\.5\.", "down.0.1."),
    (r"^model\.7\.", "down.1.0."),
    (r"^model\.8\.", "down.1.1."),
    *_each(r"^model\.<n>\.conv_block\.", "blocks.<n>.body.", range(10, 19)),
    (r"^(blocks\.\d\.body)\.1\.", r"\1.0."),
    (r"^(blocks\.\d\.body)\.2\.", r"\1.1."),
    (r"^(blocks\.\d\.body)\.[56]\.", r"\1.4."),  # without and with dropout
    (r"^(blocks\.\d\.body)\.7\.", r"\1.5."),
    (r"^model\.19\.", "up.0.0."),
    (r"^model\.20\.", "up.0.1."),
    (r"^model\.22\.", "up.1.0."),
    (r"^model\.23\.", "up.1.1."),
    (r"^model\.26\.", "last."),
)

_PYRAMID: Rules = (
    (r"^fpn\.lateral(\d)\.", r"laterals.\1."),
    *_each(r"^fpn\.td<n>\.", "top_down.<n>.", (1, 2, 3)),
    *_each(r"^head<n>\.", "heads.<n>.", (4, 3, 2, 1)),
    (r"^(heads\.\d)\.block0\.", r"\1.0."),
    (r"^(heads\.\d)\.block1\.", r"\1.2."),
    (r"^smooth\.", "merge."),
    (r"^smooth2\.", "refine."),
    (r"^final\.", "last."),
)


def _mobilenet() -> Iterator[tuple[str, str]]:
    """Its blocks are one sequence there; here, as in torchvision, a convolution, its norm and ReLU6 are a layer."""
    first = {0: "0.0", 1: "0.1", 3: "1", 4: "2"}  # doesn't widen
    others = {0: "0.0", 1: "0.1", 3: "1.0", 4: "1.1", 6: "2", 7: "3"}
    yield r"^fpn\.features\.0\.", "encoder.stages.0.0."
    for stage, blocks in enumerate((range(1, 2), range(2, 4), range(4, 7), range(7, 11), range(11, 16))):
        for block in blocks:
            for there, here in (first if block == 1 else others).items():
                yield rf"^fpn\.features\.{block}\.conv\.{there}\.", f"encoder.stages.{stage}.{block}.conv.{here}."


_INCEPTION: Rules = (
    (r"^fpn\.inception\.(conv2d_1a)\.", r"encoder.stages.0.\1."),
    (r"^fpn\.inception\.(conv2d_2[ab])\.", r"encoder.stages.1.\1."),
    (r"^fpn\.inception\.(conv2d_3b|conv2d_4a)\.", r"encoder.stages.2.\1."),
    (r"^fpn\.inception\.(mixed_5b|repeat|mixed_6a)\.", r"encoder.stages.3.\1."),
    (r"^fpn\.inception\.(repeat_1|mixed_7a)\.", r"encoder.stages.4.\1."),
)

_RRDBNET: Rules = (
    (r"^model\.1\.sub\.23\.", "conv_body."),  # names of 2018
    (r"^model\.1\.sub\.(\d+)\.(RDB\d\.conv\d)\.0\.", r"body.\1.\2."),
    *(
        (rf"^model\.{n}\.", f"{name}.")
        for n, name in zip(
            (0, 3, 6, 8, 10), ("conv_first", "conv_up1", "conv_up2", "conv_hr", "conv_last"), strict=True
        )
    ),
    (r"^RRDB_trunk\.", "body."),  # names of 2019
    (r"^trunk_conv\.", "conv_body."),
    (r"^upconv", "conv_up"),
    (r"^HRconv\.", "conv_hr."),
    (r"^body\.(\d+)\.", r"trunk.\1."),  # names of BasicSR, Real-ESRGAN
    *_each(r"\.(?:rdb|RDB)<n>\.", ".<n>.", (1, 2, 3)),
    *_each(r"^(trunk\..*)\.conv<n>\.", r"\1.grow.<n>.0.", (1, 2, 3, 4)),
    (r"^(trunk\..*)\.conv5\.", r"\1.fuse."),
    (r"^conv_first\.", "first."),
    (r"^conv_body\.", "after_trunk."),
    *_each(r"^conv_up<n>\.", "enlarge.<n>.1.", (1, 2)),
    (r"^conv_hr\.", "before_last."),
    (r"^conv_last\.", "last."),
)

_NAFNET: Rules = (
    (r"^intro\.", "first."),
    (r"^ending\.", "last."),
    (r"^(en|de)coders\.", r"\1coder."),
    (r"^middle_blks\.", "middle."),
    (r"^downs\.", "shrink."),
    (r"^ups\.", "enlarge."),
    (r"\.conv1\.", ".expand."),
    (r"\.conv2\.", ".depthwise."),
    (r"\.sca\.1\.", ".attention."),
    (r"\.conv3\.", ".project."),
    (r"\.conv4\.", ".widen."),
    (r"\.conv5\.", ".narrow."),
)

_PATCHGAN: Rules = (
    (r"^model\.0\.", "stages.0.conv."),
    (r"^model\.11\.", "score."),
    (r"^model\.2\.", "stages.1.conv."),
    (r"^model\.3\.", "stages.1.norm."),
    (r"^model\.5\.", "stages.2.conv."),
    (r"^model\.6\.", "stages.2.norm."),
    (r"^model\.8\.", "stages.3.conv."),
    (r"^model\.9\.", "stages.3.norm."),
)

KEY_MAPS: dict[str, KeyMap] = {
    "unet": KeyMap("pix2pix: junyanz/pytorch-CycleGAN-and-pix2pix, unet_256", tuple(_unet()), darkest=-1),
    "resnet": KeyMap("DeblurGAN: KupynOrest/DeblurGAN, resnet_9blocks", _RESNET, darkest=-1),
    "fpn-mobilenet_v2": KeyMap(
        "DeblurGAN-v2: VITA-Group/DeblurGANv2, fpn_mobilenet",
        (*_mobilenet(), *_PYRAMID),
        unused=r"^fpn\.(enc\d|features\.1[678])\.",
        darkest=-1,
    ),
    "fpn-inception_resnet_v2": KeyMap(
        "DeblurGAN-v2: VITA-Group/DeblurGANv2, fpn_inception",
        (*_INCEPTION, *_PYRAMID),
        unused=r"^fpn\.(enc\d|inception\.(repeat_2|block8|conv2d_7b|last_linear))\.",
        darkest=-1,
    ),
    "rrdbnet": KeyMap("ESRGAN and Real-ESRGAN: xinntao/ESRGAN, xinntao/Real-ESRGAN", _RRDBNET),
    "nafnet": KeyMap("NAFNet: megvii-research/NAFNet", _NAFNET),
    "zero_dce": KeyMap(
        "Zero-DCE: Li-Chongyi/Zero-DCE, not for commercial use",
        _each(r"^e_conv<n>\.", "layers.<n>.", range(1, 8)),
        negated=("layers.6.weight", "layers.6.bias"),
    ),
}
"""Of generators, by their names here."""

CRITIC_KEY_MAPS: dict[str, KeyMap] = {
    "patchgan": KeyMap("pix2pix: junyanz/pytorch-CycleGAN-and-pix2pix, basic", _PATCHGAN, darkest=-1),
}
"""Of critics; a model file holds none, they serve to show that ours compute the same."""
