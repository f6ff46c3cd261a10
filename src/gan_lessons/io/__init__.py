"""Read and write microscopy stacks, photographs and maps with their axes, pixel size, units and place on Earth."""

from gan_lessons.io.beside import check_target, written_beside
from gan_lessons.io.formats import SUFFIXES, can_read, check_format, read_image, write_image
from gan_lessons.io.optics import ChannelOptics, optics_of_ome, read_optics

__all__ = [
    "SUFFIXES",
    "ChannelOptics",
    "can_read",
    "check_format",
    "check_target",
    "optics_of_ome",
    "read_image",
    "read_optics",
    "write_image",
    "written_beside",
]
