"""Messages for learners: is your Wiener filter one, is your U-Net a U-Net, and if not, what is it instead?

One function an exercise takes what the learner wrote. It prints a line where the answer is right; otherwise it raises
`NotYet`, whose message names the likely mistake. `hint`, `progress` and `glossary` are for reading.
"""

from gan_lessons.check.adversarial import gradient_penalty, hinge, least_squares, relativistic, wasserstein
from gan_lessons.check.content import perceptual_loss, ssim_loss, total_variation
from gan_lessons.check.convolution_cost import conv_cost, separable
from gan_lessons.check.deblurgan_losses import critic_slope, vgg_content, wasserstein_critic, wasserstein_loss
from gan_lessons.check.deblurgan_steps import deblurgan_step, wasserstein_step
from gan_lessons.check.dual_critics import dual_critic, dual_losses, dual_step, relativistic_losses
from gan_lessons.check.evaluation import peak_snr, reblur_errors, ring_correlation, similarity_map
from gan_lessons.check.exercise import NotYet, progress
from gan_lessons.check.finetuning import find_shift, keep_best, three_regions
from gan_lessons.check.gan_losses import critic_loss, generator_loss
from gan_lessons.check.gan_steps import critic_step, gan_step, generator_step
from gan_lessons.check.invention import count_spots, spot_evidence
from gan_lessons.check.inverse import convolve, gaussian_psf, richardson_lucy, transfer, wiener
from gan_lessons.check.patchgan import patch_span, patchgan, stage
from gan_lessons.check.pyramid import fpn, join_heads, top_down
from gan_lessons.check.resnet import residual_block, resnet
from gan_lessons.check.unet import conv_side, down, unet, up
from gan_lessons.check.weighted_loss import charbonnier, local_mean, similarity, tuning_loss
from gan_lessons.check.words import glossary, hint

__all__ = [
    "NotYet",
    "charbonnier",
    "conv_cost",
    "conv_side",
    "convolve",
    "count_spots",
    "critic_loss",
    "critic_slope",
    "critic_step",
    "deblurgan_step",
    "down",
    "dual_critic",
    "dual_losses",
    "dual_step",
    "find_shift",
    "fpn",
    "gan_step",
    "gaussian_psf",
    "generator_loss",
    "generator_step",
    "glossary",
    "gradient_penalty",
    "hinge",
    "hint",
    "join_heads",
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
    "relativistic_losses",
    "residual_block",
    "resnet",
    "richardson_lucy",
    "ring_correlation",
    "separable",
    "similarity",
    "similarity_map",
    "spot_evidence",
    "ssim_loss",
    "stage",
    "three_regions",
    "top_down",
    "total_variation",
    "transfer",
    "tuning_loss",
    "unet",
    "up",
    "vgg_content",
    "wasserstein",
    "wasserstein_critic",
    "wasserstein_loss",
    "wasserstein_step",
    "wiener",
]
