"""Messages for learners: is your Wiener filter one, is your U-Net a U-Net, and if not, what is it instead?

One function an exercise takes what the learner wrote. It prints a line where the answer is right; otherwise it raises
`NotYet`, whose message names the likely mistake. `hint`, `progress` and `glossary` are for reading.
"""

from gan_lessons.check.adversarial import gradient_penalty, hinge, least_squares, relativistic, wasserstein
from gan_lessons.check.content import perceptual_loss, ssim_loss, total_variation
from gan_lessons.check.evaluation import peak_snr, reblur_errors, ring_correlation, similarity_map
from gan_lessons.check.exercise import NotYet, progress
from gan_lessons.check.finetuning import find_shift, keep_best, three_regions
from gan_lessons.check.gan_losses import critic_loss, generator_loss
from gan_lessons.check.gan_steps import critic_step, gan_step, generator_step
from gan_lessons.check.invention import count_spots, spot_evidence
from gan_lessons.check.inverse import convolve, gaussian_psf, richardson_lucy, transfer, wiener
from gan_lessons.check.patchgan import patch_span, patchgan, stage
from gan_lessons.check.unet import conv_side, down, unet, up
from gan_lessons.check.weighted_loss import charbonnier, local_mean, similarity, tuning_loss
from gan_lessons.check.words import glossary, hint

__all__ = [
    "NotYet",
    "charbonnier",
    "conv_side",
    "convolve",
    "count_spots",
    "critic_loss",
    "critic_step",
    "down",
    "find_shift",
    "gan_step",
    "gaussian_psf",
    "generator_loss",
    "generator_step",
    "glossary",
    "gradient_penalty",
    "hinge",
    "hint",
    "keep_best",
    "least_squares",
    "local_mean",
    "patch_span",
    "patchgan",
    "peak_snr",
    "perceptual_loss",
    "progress",
    "reblur_errors",
    "relativistic",
    "richardson_lucy",
    "ring_correlation",
    "similarity",
    "similarity_map",
    "spot_evidence",
    "ssim_loss",
    "stage",
    "three_regions",
    "total_variation",
    "transfer",
    "tuning_loss",
    "unet",
    "up",
    "wasserstein",
    "wiener",
]
