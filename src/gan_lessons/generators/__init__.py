"""Generators: one file a network, found by name; a network's file is loaded when the network is built.

Every generator is a `Generator`: it maps (N, in_channels, H, W) of any height and width to (N, out_channels, H, W).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gan_lessons.generators.presets import PRESETS
from gan_lessons.registry import Entry, build, load_class

if TYPE_CHECKING:
    from gan_lessons.generators.base import Generator as Generator
    from gan_lessons.generators.double_conv_unet import DoubleConvUNet as DoubleConvUNet
    from gan_lessons.generators.fpn import FPN as FPN
    from gan_lessons.generators.nafnet import NAFNet as NAFNet
    from gan_lessons.generators.resnet import ResNetGenerator as ResNetGenerator
    from gan_lessons.generators.rrdbnet import RRDBNet as RRDBNet
    from gan_lessons.generators.srgan import SRGAN as SRGAN
    from gan_lessons.generators.unet import UNet as UNet
    from gan_lessons.generators.unshuffle_unet import UnshuffleUNet as UnshuffleUNet
    from gan_lessons.generators.zero_dce import ZeroDCE as ZeroDCE


GENERATORS: dict[str, Entry] = {
    "unet": Entry("unet", "UNet", "pix2pix, Isola et al. 2017, arXiv:1611.07004"),
    "unet-double_conv": Entry("double_conv_unet", "DoubleConvUNet", "Ronneberger et al. 2015, arXiv:1505.04597"),
    "resnet": Entry("resnet", "ResNetGenerator", "DeblurGAN, Kupyn et al. 2018, arXiv:1711.07064"),
    "fpn-inception_resnet_v2": Entry(
        "fpn",
        "FPN",
        "DeblurGAN-v2, Kupyn et al. 2019, arXiv:1908.03826",
        {"backbone": "inception_resnet_v2", "width": 256},
    ),
    "fpn-mobilenet_v2": Entry("fpn", "FPN", "DeblurGAN-v2, Kupyn et al. 2019, arXiv:1908.03826"),
    "fpn-mobilenet_dsc": Entry("fpn", "FPN", "DeblurGAN-v2, Kupyn et al. 2019, arXiv:1908.03826", {"separable": True}),
    "srgan": Entry("srgan", "SRGAN", "Ledig et al. 2017, arXiv:1609.04802"),
    "rrdbnet": Entry("rrdbnet", "RRDBNet", "ESRGAN, Wang et al. 2018, arXiv:1809.00219"),
    "zero_dce": Entry("zero_dce", "ZeroDCE", "Guo et al. 2020, arXiv:2001.06826"),
    "nafnet": Entry("nafnet", "NAFNet", "Chen et al. 2022, arXiv:2204.04676"),
    "unshuffle-unet": Entry("unshuffle_unet", "UnshuffleUNet", "this library's shipped models, gray by default"),
}


def build_generator(name: str, preset: str | None = None, **arguments: Any) -> Generator:
    """Build a generator by its name.

    Parameters
    ----------
    name : str
        One of `list_generators`; without arguments it is the paper's form for RGB images.
    preset : str, optional
        A tutorial's form of it: one of `list_presets`.
    **arguments
        Of the class; they go before the preset's.

    Raises
    ------
    InputError
        If the name, the preset or an argument is unknown (the message suggests the nearest), or makes no sense.

    >>> build_generator("unshuffle-unet", in_channels=3, out_channels=3).stride
    8
    """
    return build("generator", GENERATORS, PRESETS, name, preset, arguments)


def list_generators() -> list[str]:
    """Return the generators' names."""
    return list(GENERATORS)


def list_presets(name: str) -> list[str]:
    """Return the names of a generator's presets."""
    return list(PRESETS.get(name, {}))


def __getattr__(name: str) -> Any:
    return load_class("generator", GENERATORS, name)
