"""The critics of well-known tutorials, as arguments of ours: same layers, same counts, same patches."""

from __future__ import annotations

from typing import Any

KERAS_UNET = {"condition_channels": 3, "depth": 3, "flat": 0, "norm": "batch", "bias": True, "padding": "same"}

PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "patchgan": {
        # 64-128-256 and a score, batch norm from the second on, a map of 32×32 at 256², patches of 46 pixels.
        "keras-unet": KERAS_UNET,
        # Mask of 1 channel under an image of 3: 64-128 and a score, patches of 22 pixels, no norm, a sigmoid that is
        # in the objective here.
        "torch-segmentation": {"in_channels": 1, "condition_channels": 3, "depth": 2, "flat": 0, "norm": "none"},
    },
    "multiscale": {
        # Its later form: the same critic on the image and on its half.
        "keras-unet": {**KERAS_UNET, "weights": (0.6, 0.4)},
    },
    "dual": {
        # A local critic of four layers (patches of 46) and a global one of five (70), both on the whole image.
        "torch-deblurgan-v2": {"depths": (3, 3), "flats": (0, 1), "norm": "instance", "padding": 1},
    },
    "dense": {
        # Its Wasserstein loss has no penalty: only the sigmoid keeps the scores bounded.
        "keras-deblurgan": {"size": 256, "norm": "batch", "sigmoid": True},
    },
}
"""By critic, then by tutorial."""
