import subprocess
import sys

import pytest

from gan_lessons.errors import InputError
from gan_lessons.generators import build_generator


@pytest.mark.parametrize(
    ("name", "preset", "message"),
    [
        ("unshufle-unet", None, "did you mean 'unshuffle-unet'"),
        ("transformer", None, "expected one of unet, "),
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
