"""The microscope as OME-XML tells it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from gan_lessons.io import ChannelOptics, optics_of_ome, read_optics

OME = """<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
<Instrument ID="Instrument:0">
  <Objective ID="Objective:0" LensNA="0.4" Immersion="Air"/><Objective ID="Objective:1" LensNA="1.4" Immersion="Oil"/>
</Instrument>
<Image ID="Image:0"><ObjectiveSettings ID="Objective:1" {index}/>
  <Pixels ID="Pixels:0" SizeX="4" SizeY="4" SizeC="2" SizeZ="1" SizeT="1" Type="uint16" DimensionOrder="XYZCT">
    <Channel ID="Channel:0" EmissionWavelength="461" ExcitationWavelength="405"
      AcquisitionMode="LaserScanningConfocalMicroscopy"/>
    <Channel ID="Channel:1" EmissionWavelength="0.52" EmissionWavelengthUnit="µm" AcquisitionMode="WideField"/>
  </Pixels></Image></OME>"""


def test_each_channel_has_its_light_and_the_images_objective() -> None:
    assert optics_of_ome(OME.format(index="")) == (
        ChannelOptics(1.4, 1.515, 461, 405, True),
        ChannelOptics(1.4, 1.515, 520, None, False),
    )


def test_the_index_in_numbers_is_stronger_than_the_immersions_name() -> None:
    assert optics_of_ome(OME.format(index='RefractiveIndex="1.518"'))[0].immersion_index == 1.518


@pytest.mark.parametrize("xml", ["<OME/>", "no xml", "<OME><Image><Pixels><Channel/></Pixels></Image></OME>"])
def test_what_is_not_said_is_not_guessed(xml: str) -> None:
    assert optics_of_ome(xml) == ()


def test_zero_is_not_a_wavelength() -> None:
    xml = '<OME><Image><Pixels><Channel EmissionWavelength="0" ExcitationWavelength="x"/></Pixels></Image></OME>'
    assert optics_of_ome(xml) == ()


def test_a_file_is_asked_and_one_that_is_none_says_nothing(tmp_path: Path) -> None:
    metadata = {"axes": "CYX", "Channel": {"EmissionWavelength": [461.0, 520.0], "Name": ["DAPI", "GFP"]}}
    tifffile.imwrite(
        tmp_path / "a.ome.tif", np.zeros((2, 4, 4), np.uint16), photometric="minisblack", metadata=metadata
    )
    assert [one.emission_nm for one in read_optics(tmp_path / "a.ome.tif")] == [461, 520]
    (tmp_path / "b.tif").write_text("text")
    assert read_optics(tmp_path / "b.tif") == ()
    assert read_optics(tmp_path / "absent.tif") == ()
