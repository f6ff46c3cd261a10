"""Where training images come from: licensed files, and synthetic scenes with known truth."""
