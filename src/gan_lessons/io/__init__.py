"""Read and write microscopy stacks, photographs and maps with their axes, pixel size, units and place on Earth."""

from gan_lessons.io.formats import can_read, read_image, write_image

__all__ = ["can_read", "read_image", "write_image"]
