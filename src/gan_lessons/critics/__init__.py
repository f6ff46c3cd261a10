"""Critics (discriminators): one file a network, found by name; a network's file is loaded when it is built.

Every critic is a `Critic`: it maps an image, and what it is judged beside, to a map of scores or a list of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gan_lessons.critics.presets import PRESETS
from gan_lessons.registry import Entry, build, load_class

if TYPE_CHECKING:
    from gan_lessons.critics.base import Critic as Critic
    from gan_lessons.critics.dense import DenseCritic as DenseCritic
    from gan_lessons.critics.dual import DualCritic as DualCritic
    from gan_lessons.critics.multiscale import MultiScaleCritic as MultiScaleCritic
    from gan_lessons.critics.patchgan import PatchGAN as PatchGAN
    from gan_lessons.critics.unet import UNetCritic as UNetCritic


CRITICS: dict[str, Entry] = {
    "patchgan": Entry("patchgan", "PatchGAN", "Isola et al. 2017, arXiv:1611.07004"),
    "multiscale": Entry("multiscale", "MultiScaleCritic", "Wang et al. 2018, pix2pixHD, arXiv:1711.11585"),
    "dual": Entry("dual", "DualCritic", "Kupyn et al. 2019, DeblurGAN-v2, arXiv:1908.03826"),
    "dense": Entry("dense", "DenseCritic", "Kupyn et al. 2018, DeblurGAN, arXiv:1711.07064, in its Keras form"),
    "unet": Entry("unet", "UNetCritic", "Wang et al. 2021, Real-ESRGAN, arXiv:2107.10833"),
}


def build_critic(name: str, preset: str | None = None, **arguments: Any) -> Critic:
    """Build a critic by its name.

    Parameters
    ----------
    name : str
        One of `list_critics`; without arguments it is the paper's form for RGB images, unconditional.
    preset : str, optional
        A tutorial's form of it: one of `list_presets`.
    **arguments
        Of the class; they go before the preset's.

    Raises
    ------
    InputError
        If the name, the preset or an argument is unknown (the message suggests the nearest), or makes no sense.

    >>> build_critic("patchgan", in_channels=1, condition_channels=1).receptive_field
    70
    """
    return build("critic", CRITICS, PRESETS, name, preset, arguments)


def list_critics() -> list[str]:
    """Return the critics' names."""
    return list(CRITICS)


def list_presets(name: str) -> list[str]:
    """Return the names of a critic's presets."""
    return list(PRESETS.get(name, {}))


def __getattr__(name: str) -> Any:
    return load_class("critic", CRITICS, name)
