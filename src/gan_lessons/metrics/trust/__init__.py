"""Where not to believe a restored image: each measure is a number and a map, and two sentences that say what it means.

The sentences are the ``MEANING`` of each result, for reports. Functions take arrays, or the restoration as a callable
``image → image``; they know no model. The last two axes are the plane's; axes before them are planes, or, with a PSF of
three axes, the depth. What isn't finite is left out of every number, and nan in every map.
"""

from gan_lessons.metrics.trust.consistency import Consistency, reblur_consistency
from gan_lessons.metrics.trust.disagreement import Disagreement, disagreement
from gan_lessons.metrics.trust.false_structure import FalseStructure, false_structure
from gan_lessons.metrics.trust.linearity import Linearity, intensity_linearity
from gan_lessons.metrics.trust.noise_model import estimate_noise
from gan_lessons.metrics.trust.seams import Seams, seam_score
from gan_lessons.metrics.trust.structure import Structure, judge_structure

__all__ = [
    "Consistency",
    "Disagreement",
    "FalseStructure",
    "Linearity",
    "Seams",
    "Structure",
    "disagreement",
    "estimate_noise",
    "false_structure",
    "intensity_linearity",
    "judge_structure",
    "reblur_consistency",
    "seam_score",
]
