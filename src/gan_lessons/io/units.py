"""Units of length and time: one symbol for each in an `Image`, whatever a file calls it."""

from __future__ import annotations

# The symbol in an Image, then the names that files use: OME-Zarr's (UDUNITS) name first.
NAMES = {
    "µm": ("micrometer", "micron", "microns", "um", "μm", "\\u00B5m", "micrometre"),
    "nm": ("nanometer", "nanometre"),
    "mm": ("millimeter", "millimetre"),
    "cm": ("centimeter", "centimetre"),
    "m": ("meter", "metre"),
    "s": ("second", "sec", "seconds"),
    "ms": ("millisecond", "msec"),
    "min": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "degree": ("degree", "degrees", "deg"),
}
SYMBOLS = {name.lower(): symbol for symbol, names in NAMES.items() for name in (symbol, *names)}


def symbol(name: str) -> str:
    """Return the symbol of a unit's name; a name that isn't known stays as it is.

    >>> symbol("micron"), symbol("pixel")
    ('µm', 'pixel')
    """
    return SYMBOLS.get(name.strip().lower(), name.strip())


def long_name(symbol: str) -> str:
    """Return the name that OME-Zarr wants: ``micrometer`` for ``µm``."""
    return NAMES[symbol][0] if symbol in NAMES else symbol
