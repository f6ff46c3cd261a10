"""What a user may be told: one line that names the file or layer, what was found, what was expected, what to do."""


class InputError(ValueError):
    """The input can't be used as it is. The message is one line and complete: faces print it and nothing else."""


class InputWarning(UserWarning):
    """The input can be used, but the result deserves a second look (saturation, sampling, unlike training data)."""


class Cancelled(Exception):
    """The user asked long work to stop; nothing half-finished was kept."""
