"""Messages for learners: is your Wiener filter one, is your U-Net a U-Net, and if not, what is it instead?

One function an exercise takes what the learner wrote. It prints a line where the answer is right; otherwise it raises
`NotYet`, whose message names the likely mistake. `hint`, `progress` and `glossary` are for reading.
"""

from gan_lessons.check.exercise import NotYet, progress
from gan_lessons.check.inverse import convolve, gaussian_psf, richardson_lucy, transfer, wiener
from gan_lessons.check.patchgan import patch_span, patchgan, stage
from gan_lessons.check.unet import conv_side, down, unet, up
from gan_lessons.check.words import glossary, hint

__all__ = [
    "NotYet",
    "conv_side",
    "convolve",
    "down",
    "gaussian_psf",
    "glossary",
    "hint",
    "patch_span",
    "patchgan",
    "progress",
    "richardson_lucy",
    "stage",
    "transfer",
    "unet",
    "up",
    "wiener",
]
