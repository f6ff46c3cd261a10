"""The public code that our networks are measured against, loaded file by file from clones; none of it is part of this.

The folder holds clones, under their own names, of VITA-Group/DeblurGANv2, junyanz/pytorch-CycleGAN-and-pix2pix,
XPixelGroup/BasicSR, megvii-research/NAFNet, Li-Chongyi/Zero-DCE, Cadene/pretrained-models.pytorch; for critics also of
NVIDIA/pix2pixHD, xinntao/Real-ESRGAN and RaphaelMeudec/deblur-gan. Only the networks' own files are run; what they
import besides is replaced by empty modules, so that nothing has to be installed or downloaded (but Keras, for Keras).
"""

from __future__ import annotations

import importlib.util
import os
import sys
from functools import partial
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
    before = {key: sys.modules[key] for key in stand_ins if key in sys.modules}
    sys.modules.update(stand_ins)
    try:
        spec.loader.exec_module(module)
    finally:
        for key in stand_ins:
            del sys.modules[key]
        sys.modules.update(before)
    return module


def empty(**attributes: Any) -> Any:
    return mock.MagicMock(**attributes)


def registry() -> Any:
    """As BasicSR's, whose decorator gives the class back."""
    module = empty()
    module.ARCH_REGISTRY.register = lambda: lambda network: network
    return module


def instance(channels: int) -> nn.Module:
    """As DeblurGAN-v2's ``get_norm_layer``."""
    return nn.InstanceNorm2d(channels, affine=False, track_running_stats=True)


def pix2pix(folder: Path) -> ModuleType:
    return load(folder / "pytorch-CycleGAN-and-pix2pix/models/networks.py")


def deblurgan_v2(folder: Path) -> ModuleType:
    names = ("fpn_mobilenet", "fpn_inception", "fpn_inception_simple", "unet_seresnext", "fpn_densenet")
    return load(folder / "DeblurGANv2/models/networks.py", **{f"models__{name}": empty() for name in names})


def unet(folder: Path) -> nn.Module:
    return pix2pix(folder).UnetGenerator(3, 3, 8, use_dropout=True)


def patchgan(folder: Path, channels: int = 3) -> nn.Module:
    return pix2pix(folder).NLayerDiscriminator(channels)


def pix2pixhd_critic(folder: Path) -> nn.Module:
    """Two scales of an image of 3 channels under a condition of 3, as its training options have it."""
    code = load(folder / "pix2pixHD/models/networks.py")
    return code.MultiscaleDiscriminator(6, norm_layer=partial(nn.InstanceNorm2d, affine=False), num_D=2)


def deblurgan_v2_critic(folder: Path, layers: int) -> nn.Module:
    return deblurgan_v2(folder).NLayerDiscriminator(
        n_layers=layers, norm_layer=partial(nn.InstanceNorm2d, affine=False)
    )


def real_esrgan_critic(folder: Path) -> nn.Module:
    file = folder / "Real-ESRGAN/realesrgan/archs/discriminator_arch.py"
    return load(file, basicsr__utils__registry=registry()).UNetDiscriminatorSN(3)


def keras_critic(folder: Path) -> Any:
    """Keras's own model, by the Keras of today with torch beneath; raises `ImportError` where there is none."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras
    from keras import layers

    def leaky(slope: float) -> Any:
        return layers.LeakyReLU(negative_slope=slope)

    moved = {"convolutional": layers, "core": layers, "normalization": layers}
    moved |= {"advanced_activations": empty(LeakyReLU=leaky)}
    imports = {f"keras__layers__{name}": module for name, module in moved.items()}
    imports |= {"keras": keras, "keras__layers": layers, "keras__models": keras.models}
    file = folder / "deblur-gan/deblurgan/model.py"
    return load(file, "deblurgan.model", deblurgan__layer_utils=empty(), **imports).discriminator_model()


def resnet(folder: Path) -> nn.Module:
    """DeblurGAN-v2's copy: in DeblurGAN's own, a later edit lost the second convolution of each block."""
    code = deblurgan_v2(folder)
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
    shared = {"basicsr__ops__dcn": empty(), "basicsr__utils": empty(), "distutils__version": empty()}
    parts = load(archs / "arch_util.py", **shared)
    name, imports = "basicsr.archs.rrdbnet_arch", {"basicsr__archs__arch_util": parts}
    return load(archs / "rrdbnet_arch.py", name, basicsr__utils__registry=registry(), **imports).RRDBNet(3, 3)


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
"""By the names that `build_generator` and `build_critic` have for ours."""
