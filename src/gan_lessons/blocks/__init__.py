"""Parts that several networks share: convolutions, norms, upsampling, attention, padding, and how to count them."""

from gan_lessons.blocks.attention import SelfAttention
from gan_lessons.blocks.convolution import DoubleConv, conv_class
from gan_lessons.blocks.cost import Cost, describe_network, measure_cost, measure_milliseconds
from gan_lessons.blocks.field import (
    Interval,
    join,
    measure_field,
    through_conv,
    through_transposed,
    through_upsampling,
)
from gan_lessons.blocks.initialization import Initialization, initialize
from gan_lessons.blocks.norm import LayerNorm, Norm, make_norm, norm_is_local
from gan_lessons.blocks.output import Activation, check_residual, make_activation, middle_channels
from gan_lessons.blocks.padding import crop_like, pad_to_multiple
from gan_lessons.blocks.pooling import MeanPool
from gan_lessons.blocks.upsampling import Enlarge, PixelShuffle, SubPixelConv, Upsampling, enlarge, make_upsampling

__all__ = [
    "Activation",
    "Cost",
    "DoubleConv",
    "Enlarge",
    "Initialization",
    "Interval",
    "LayerNorm",
    "MeanPool",
    "Norm",
    "PixelShuffle",
    "SelfAttention",
    "SubPixelConv",
    "Upsampling",
    "check_residual",
    "conv_class",
    "crop_like",
    "describe_network",
    "enlarge",
    "initialize",
    "join",
    "make_activation",
    "make_norm",
    "make_upsampling",
    "measure_cost",
    "measure_field",
    "measure_milliseconds",
    "middle_channels",
    "norm_is_local",
    "pad_to_multiple",
    "through_conv",
    "through_transposed",
    "through_upsampling",
]
