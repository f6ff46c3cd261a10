"""The public code that our networks are measured against, loaded file by file from clones; none of it is part of this.

The folder holds clones of VITA-Group/DeblurGANv2, junyanz/pytorch-CycleGAN-and-pix2pix, XPixelGroup/BasicSR,
megvii-research/NAFNet, Li-Chongyi/Zero-DCE and Cadene/pretrained-models.pytorch. Only the networks' own files are run;
what they import besides is replaced by empty modules, so that nothing has to be installed or downloaded.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import torch
from torch import nn


def load(path: Path, name: str = "original", **imports: Any) -> ModuleType:
    """Run a file with other modules in the place of those that it imports; ``a__b`` stands for ``a.b``."""
    stand_ins = {key.replace("__", "."): module for key, module in imports.items()}
    for key in list(stand_ins):
        parts = key.split(".")
        for end in range(1, len(parts)):
            stand_ins.setdefault(".".join(parts[:end]), mock.MagicMock(__path__=[]))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with mock.patch.dict(sys.modules, stand_ins):
        spec.loader.exec_module(module)
    return module


def empty(**attributes: Any) -> Any:
    return mock.MagicMock(**attributes)


def instance(channels: int) -> nn.Module:
    """As DeblurGAN-v2's ``get_norm_layer``."""
    return nn.InstanceNorm2d(channels, affine=False, track_running_stats=True)


def unet(folder: Path) -> nn.Module:
    return load(folder / "pytorch-CycleGAN-and-pix2pix/models/networks.py").UnetGenerator(3, 3, 8, use_dropout=True)


def patchgan(folder: Path) -> nn.Module:
    return load(folder / "pytorch-CycleGAN-and-pix2pix/models/networks.py").NLayerDiscriminator(3)


def resnet(folder: Path) -> nn.Module:
    """DeblurGAN-v2's copy: in DeblurGAN's own, a later edit lost the second convolution of each block."""
    names = ("fpn_mobilenet", "fpn_inception", "fpn_inception_simple", "unet_seresnext", "fpn_densenet")
    code = load(folder / "DeblurGANv2/models/networks.py", **{f"models__{name}": empty() for name in names})
    network = code.ResnetGenerator(norm_layer=code.get_norm_layer("instance"), use_dropout=True, n_blocks=9)
    for norm in network.modules():
        if isinstance(norm, nn.InstanceNorm2d):
            norm.track_running_stats = False  # the image's own statistics, as its test script has them
            norm.running_mean = norm.running_var = norm.num_batches_tracked = None
    return network


def fpn_mobilenet(folder: Path) -> nn.Module:
    models = folder / "DeblurGANv2/models"
    trunk = load(models / "mobilenet_v2.py")
    return load(models / "fpn_mobilenet.py", models__mobilenet_v2=trunk).FPNMobileNet(instance, pretrained=False)


def fpn_inception(folder: Path) -> nn.Module:
    file = folder / "pretrained-models.pytorch/pretrainedmodels/models/inceptionresnetv2.py"
    trunk = load(file).InceptionResNetV2
    package = empty(inceptionresnetv2=lambda num_classes, pretrained: trunk(num_classes=num_classes))
    code = load(folder / "DeblurGANv2/models/fpn_inception.py", pretrainedmodels=package, torchsummary=empty())
    return code.FPNInception(instance)


def rrdbnet(folder: Path) -> nn.Module:
    archs = folder / "BasicSR/basicsr/archs"
    registry = empty()
    registry.ARCH_REGISTRY.register = lambda: lambda network: network
    shared = {"basicsr__ops__dcn": empty(), "basicsr__utils": empty(), "distutils__version": empty()}
    parts = load(archs / "arch_util.py", **shared)
    name, imports = "basicsr.archs.rrdbnet_arch", {"basicsr__archs__arch_util": parts}
    return load(archs / "rrdbnet_arch.py", name, basicsr__utils__registry=registry, **imports).RRDBNet(3, 3)


def nafnet(folder: Path) -> nn.Module:
    archs = folder / "NAFNet/basicsr/models/archs"
    parts = load(archs / "arch_util.py", basicsr__utils=empty(), basicsr__models__ops__dcn=empty())
    if not hasattr(torch.autograd.function.FunctionCtx, "saved_variables"):  # its old name, gone from torch
        torch.autograd.function.FunctionCtx.saved_variables = property(lambda context: context.saved_tensors)
    local = load(archs / "local_arch.py")
    imports = {"basicsr__models__archs__arch_util": parts, "basicsr__models__archs__local_arch": local}
    code = load(archs / "NAFNet_arch.py", **imports)
    return code.NAFNet(width=32, middle_blk_num=1, enc_blk_nums=[1, 1, 1, 28], dec_blk_nums=[1, 1, 1, 1])


class _Restored(nn.Module):
    """Zero-DCE returns an early image, the last one and the curves."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)[1]


def zero_dce(folder: Path) -> nn.Module:
    return _Restored(load(folder / "Zero-DCE/Zero-DCE_code/model.py").enhance_net_nopool())


ORIGINALS = {
    "unet": unet,
    "resnet": resnet,
    "patchgan": patchgan,
    "fpn-mobilenet_v2": fpn_mobilenet,
    "fpn-inception_resnet_v2": fpn_inception,
    "rrdbnet": rrdbnet,
    "zero_dce": zero_dce,
    "nafnet": nafnet,
}
