"""What a file says of the microscope that took it: the objective, and each channel's light (OME-XML)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import tifffile

from gan_lessons.errors import InputError
from gan_lessons.io.vendors import VENDOR_SUFFIXES, open_vendor

NANOMETERS = {"nm": 1.0, "µm": 1e3, "um": 1e3, "mm": 1e6, "m": 1e9, "pm": 1e-3, "Å": 0.1}
INDICES = {"Air": 1.0, "Water": 1.33, "WaterDipping": 1.33, "Glycerol": 1.473, "Oil": 1.515}
"""Of OME's names of immersions; "Multi" and "Other" say nothing."""


@dataclass(frozen=True)
class ChannelOptics:
    """How one channel was taken; None where the file doesn't say.

    Parameters
    ----------
    na : float, optional
        Numerical aperture.
    immersion_index : float, optional
        Refractive index under the objective: the file's own number, else that of the immersion it names.
    emission_nm, excitation_nm : float, optional
    confocal : bool, optional
    """

    na: float | None = None
    immersion_index: float | None = None
    emission_nm: float | None = None
    excitation_nm: float | None = None
    confocal: bool | None = None


def read_optics(path: str | Path) -> tuple[ChannelOptics, ...]:
    """Return the optics of each channel of an OME-TIFF's, CZI's, ND2's or LIF's first image; often empty."""
    if Path(path).suffix.lower() in VENDOR_SUFFIXES:
        return _of_vendor(Path(path))
    try:
        with tifffile.TiffFile(path) as tif:
            return optics_of_ome(tif.ome_metadata) if tif.ome_metadata else ()
    except (OSError, tifffile.TiffFileError):
        return ()


def _of_vendor(path: Path) -> tuple[ChannelOptics, ...]:
    """Return what bioio translates into OME-XML; where it can't, nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return optics_of_ome(open_vendor(path).ome_metadata.to_xml())
        except (InputError, NotImplementedError, ValueError, AttributeError):  # pydantic's errors are ValueErrors
            return ()


def optics_of_ome(xml: str) -> tuple[ChannelOptics, ...]:
    """Return the optics of each channel of the first image of an OME-XML text.

    >>> optics_of_ome('<OME><Image><Pixels><Channel EmissionWavelength="520"/></Pixels></Image></OME>')[0].emission_nm
    520.0
    """
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return ()
    image = root.find("{*}Image")
    if image is None:
        return ()
    na, index = _objective(root, image)
    channels = [
        ChannelOptics(na, index, _wavelength(one, "Emission"), _wavelength(one, "Excitation"), _confocal(one))
        for one in image.iterfind("{*}Pixels/{*}Channel")
    ]
    return tuple(channels) if any(one != ChannelOptics() for one in channels) else ()


def _objective(root: ElementTree.Element, image: ElementTree.Element) -> tuple[float | None, float | None]:
    """Return NA and index of the objective that the image names; of the only one where it names none."""
    settings = image.find("{*}ObjectiveSettings")
    objectives = root.findall("{*}Instrument/{*}Objective")
    if settings is not None:
        objectives = [one for one in objectives if one.get("ID") == settings.get("ID")]
    objective = objectives[0] if len(objectives) == 1 else ElementTree.Element("Objective")
    index = _number(settings.get("RefractiveIndex")) if settings is not None else None
    return _number(objective.get("LensNA")), index or INDICES.get(objective.get("Immersion", ""))


def _wavelength(channel: ElementTree.Element, which: str) -> float | None:
    value = _number(channel.get(f"{which}Wavelength"))
    return value and value * NANOMETERS.get(channel.get(f"{which}WavelengthUnit", "nm"), 1.0)


def _confocal(channel: ElementTree.Element) -> bool | None:
    mode = channel.get("AcquisitionMode")
    return None if mode is None or mode == "Other" else "confocal" in mode.lower()


def _number(text: str | None) -> float | None:
    """Return a positive number; zero is how some programs write that they don't know."""
    try:
        value = float(text or 0)
    except ValueError:
        return None
    return value if value > 0 else None
