"""The generators of five well-known tutorials, as arguments of ours."""

from __future__ import annotations

from typing import Any

# The tutorial's width for every backbone; its first weights (Xavier, batch norm N(1, 0.02)) are blocks.initialize's.
DEBLURGAN_V2 = {"width": 256, "norm": "batch"}

PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "unet": {
        # Two levels and one skip, a norm at the deeper, 0.27 M parameters; attention=True for its later form.
        "keras-unet": {"depth": 2, "dropout": 0.0, "bottom_norm": True},
        # From RGB to one mask in [0, 1], without skips.
        "torch-segmentation": {
            "out_channels": 1,
            "depth": 2,
            "dropout": 0.0,
            "bottom_norm": True,
            "skips": False,
            "activation": "sigmoid",
        },
    },
    "resnet": {
        # Batch norm, a bias before it, resized feature maps; (image + tanh) / 2.
        "keras-deblurgan": {"norm": "batch", "bias": True, "upsampling": "resize", "residual": "halved"},
        # CycleGAN's (Zhu et al. 2017, arXiv:1703.10593): the same layers, nothing added to the image, no dropout.
        "torch-enhance": {"residual": "none", "dropout": 0.0},
    },
    "fpn-inception_resnet_v2": {"torch-deblurgan-v2": DEBLURGAN_V2},
    "fpn-mobilenet_v2": {"torch-deblurgan-v2": DEBLURGAN_V2},
    "fpn-mobilenet_dsc": {"torch-deblurgan-v2": DEBLURGAN_V2},
    "srgan": {
        # 9×9, one residual block, 9×9 back; two of them, one after the other, are its cascade.
        "torch-srgan-deblur": {"scale": 1, "depth": 1, "long_skip": False, "activation": "relu"},
        # The paper's form, ×4.
        "torch-enhance": {},
    },
    # The paper's form, ×4.
    "rrdbnet": {"torch-enhance": {}},
    # Two convolutions, 3 to 32 to eight curves of three channels: 7,832 parameters.
    "zero_dce": {"torch-enhance": {"depth": 2}},
}
"""By generator, then by tutorial."""
