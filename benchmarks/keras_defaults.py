"""Print what Keras does where a layer's arguments leave it open: the figures of docs/keras.md.

KERAS_BACKEND=torch python benchmarks/keras_defaults.py

Needs Keras 3, which isn't among the project's dependencies.
"""

from __future__ import annotations

import inspect
import os
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np
from keras import layers

ASKED = {
    layers.Conv2D: ("kernel_initializer", "bias_initializer", "padding"),
    layers.BatchNormalization: ("momentum", "epsilon"),
    layers.LayerNormalization: ("axis", "epsilon"),
    layers.LeakyReLU: ("negative_slope",),
    layers.UpSampling2D: ("interpolation",),
    keras.losses.BinaryCrossentropy: ("from_logits",),
    keras.optimizers.Adam: ("learning_rate", "beta_1", "beta_2", "epsilon"),
}


def rows(layer: Any) -> np.ndarray:
    """Return the largest sums along Y of a layer of ones: how much of the kernel lies on the image."""
    image = np.ones((1, 16, 16, 1), np.float32)
    return keras.ops.convert_to_numpy(layer(image))[0, :, :, 0].max(0)


def main() -> None:
    print(f"Keras {keras.__version__}")
    for thing, names in ASKED.items():
        defaults = inspect.signature(thing).parameters
        print(thing.__name__, {name: defaults[name].default for name in names})
    ones = {"padding": "same", "use_bias": False, "kernel_initializer": "ones"}
    for kernel, stride in ((3, 1), (4, 1), (3, 2), (4, 2), (5, 2)):
        sums = rows(layers.Conv2D(1, kernel, strides=stride, **ones)) / kernel
        before, after = kernel - sums[0], kernel - sums[-1]
        print(f"same, kernel {kernel}, stride {stride}: {sums.size} of 16; {before:.0f} before, {after:.0f} after")
    for kernel in (3, 4):
        print(
            f"transposed, kernel {kernel}, stride 2: {rows(layers.Conv2DTranspose(1, kernel, strides=2, **ones)).size}"
        )


if __name__ == "__main__":
    main()
