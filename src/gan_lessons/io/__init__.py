"""Read and write microscopy stacks, photographs and maps with their axes, pixel size, units and place on Earth."""

from gan_lessons.io.beside import check_target, written_beside
from gan_lessons.io.formats import SUFFIXES, can_read, read_image, write_image

__all__ = ["SUFFIXES", "can_read", "check_target", "read_image", "write_image", "written_beside"]
