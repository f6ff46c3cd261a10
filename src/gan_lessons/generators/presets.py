"""The generators of five well-known tutorials, as arguments of ours."""

from __future__ import annotations

from typing import Any

PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "unet": {
        # Two levels and one skip, a norm at the deeper, 0.27 M parameters.
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
    },
}
"""By generator, then by tutorial."""
