import subprocess
import sys

import pytest
import torch

from gan_lessons.errors import InputError
from gan_lessons.generators import build_generator
from tests.generators.conftest import SMALL


@pytest.mark.parametrize(
    ("name", "preset", "message"),
    [
        ("unshufle-unet", None, "did you mean 'unshuffle-unet'"),
        ("transformer", None, "expected one of unet, "),
        ("NAFNet", None, "did you mean 'nafnet'"),
        ("unet", "kears-unet", "did you mean 'keras-unet'"),
        ("unshuffle-unet", "keras-unet", "there are none"),
    ],
)
def test_an_unknown_name_says_what_there_is(name, preset, message):
    with pytest.raises(InputError, match=message):
        build_generator(name, preset)


def test_the_registry_loads_no_torch():
    code = "import sys, gan_lessons.generators as g; g.list_generators(); sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("unet", {"widht": 8}, "generator 'unet' has no argument 'widht'; did you mean 'width'"),
        ("unet", {"width": "8"}, "width '8': expected a whole number, 1 or more"),
        ("srgan", {"depth": 0}, "depth 0: expected a whole number, 1 or more"),
        ("resnet", {"dimensions": 4}, "dimensions 4: expected 2 for planes, 3 for volumes"),
        ("unet", {"dropout": 2.0}, "generator 'unet' can't be built with .*dropout probability"),
        ("resnet", {"in_channels": 1, "out_channels": 3}, "a residual for 3 channels has no 3 middle ones among 1"),
        ("resnet", {"in_channels": 2, "out_channels": 1}, "fewer by an even number"),
        ("resnet", {"residual": "half"}, "unknown residual 'half'; expected one of added, halved, none"),
        ("unet", {"norm": "bach"}, "unknown norm 'bach'; expected one of batch, "),
        ("unet", {"upsampling": "bilinear"}, "unknown upsampling 'bilinear'; expected one of transposed, "),
        ("unet", {"activation": "relu"}, "unknown activation 'relu'; expected one of tanh, "),
    ],
)
def test_arguments_that_make_no_sense(name, arguments, message):
    with pytest.raises(InputError, match=message):
        build_generator(name, **arguments)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (torch.zeros(1, 1, 9, 9), "UNet: an image of 1 channels, expected 3; give in_channels=1 when it is built"),
        (torch.zeros(3, 9, 9), r"UNet: an image of \(3, 9, 9\), expected \(N, C, H, W\)"),
        (torch.zeros(1, 3, 0, 9), r"UNet: an image of \(1, 3, 0, 9\), expected .*none of them 0"),
        (torch.zeros(1, 3, 9, 9, dtype=torch.uint8), "UNet: an image of torch.uint8, expected floating point"),
    ],
)
def test_images_that_make_no_sense(image, message):
    with pytest.raises(InputError, match=message):
        build_generator("unet", width=4, depth=2)(image)


@pytest.mark.parametrize("name", sorted(set(SMALL) - {"unshuffle-unet", "fpn-inception_resnet_v2"}))
@pytest.mark.parametrize("channels", [1, 2, 4])
def test_as_many_channels_out_as_in_by_default(name, channels):
    with torch.device("meta"):
        assert build_generator(name, in_channels=channels, **SMALL[name]).out_channels == channels
