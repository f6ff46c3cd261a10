"""Clean image → degraded image, as training sees it and as tests with a known truth need it.

A degradation is a small frozen dataclass whose parameters carry their units. Each has ::

    apply(image, rng) -> image       # float32, same shape, same units; rng is a numpy Generator, the only randomness

and those that are a convolution have also ``kernel(rng)``, (Y, X) or (Z, Y, X), odd, centered, sum 1. A 2D kernel acts
on the last two axes of an image and a 3D one on the last three; axes before them (channels, planes) share it.
The physical order is warp, blur, noise.
"""

from gan_lessons.degradations.beads import MeasuredPSF, measure_psf
from gan_lessons.degradations.blur import Blur, DefocusBlur, GaussianBlur, PSFBlur
from gan_lessons.degradations.convolution import convolve
from gan_lessons.degradations.motion import CameraShake, LinearMotion, average_frames
from gan_lessons.degradations.noise import PoissonGaussian
from gan_lessons.degradations.prepare import prepare_psf
from gan_lessons.degradations.psf import Microscope, Sampling
from gan_lessons.degradations.sensor import SensorBlur
from gan_lessons.degradations.turbulence import TurbulenceBlur, TurbulenceWarp

__all__ = [
    "Blur",
    "CameraShake",
    "DefocusBlur",
    "GaussianBlur",
    "LinearMotion",
    "MeasuredPSF",
    "Microscope",
    "PSFBlur",
    "PoissonGaussian",
    "Sampling",
    "SensorBlur",
    "TurbulenceBlur",
    "TurbulenceWarp",
    "average_frames",
    "convolve",
    "measure_psf",
    "prepare_psf",
]
