"""Where training images come from: folders of every layout, stacks, films, degradations, synthetic scenes."""

from gan_lessons.data.augmentation import Augmented, build_augmentations
from gan_lessons.data.opening import Splits, open_pairs, open_splits
from gan_lessons.data.pair import Pair, Pairs

__all__ = ["Augmented", "Pair", "Pairs", "Splits", "build_augmentations", "open_pairs", "open_splits"]
