"""Blurred image → restored image: trained models on tiles, and the classical methods beside them."""

from gan_lessons.restoration.deconvolution import deconvolve
from gan_lessons.restoration.layer import measure, restore
from gan_lessons.restoration.psf_estimate import EstimatedPSF, estimate_psf
from gan_lessons.restoration.report import Report
from gan_lessons.restoration.richardson_lucy import richardson_lucy, richardson_lucy_iterates
from gan_lessons.restoration.wiener import wiener

__all__ = [
    "EstimatedPSF",
    "Report",
    "deconvolve",
    "estimate_psf",
    "measure",
    "restore",
    "richardson_lucy",
    "richardson_lucy_iterates",
    "wiener",
]
