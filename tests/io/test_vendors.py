"""CZI, written by Zeiss's own library and read through bioio; what is said where bioio lacks."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from gan_lessons.errors import InputError
from gan_lessons.io import read_image


def test_a_czi_has_its_axes_channels_and_steps(tmp_path: Path) -> None:
    pytest.importorskip("bioio_czi")
    from pylibCZIrw import czi

    pixels = np.random.default_rng(0).integers(0, 4000, (2, 3, 32, 40)).astype(np.uint16)
    with czi.create_czi(str(tmp_path / "a.czi")) as file:
        for channel, plane in np.ndindex(2, 3):
            file.write(data=pixels[channel, plane][..., None], plane={"C": channel, "Z": plane, "T": 0})
        steps = dict.fromkeys(("scale_x", "scale_y"), 1e-7)
        file.write_metadata("a", **steps, scale_z=3e-7, channel_names={0: "DAPI", 1: "GFP"})
    image = read_image(tmp_path / "a.czi")
    assert (image.axes, image.channel_names) == ("CZYX", ("DAPI", "GFP"))
    assert image.pixel_size == pytest.approx({"Z": 0.3, "Y": 0.1, "X": 0.1})
    assert set(image.unit.values()) == {"µm"}
    np.testing.assert_array_equal(np.asarray(image.data), pixels)


def test_a_damaged_file_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("bioio_czi")
    (tmp_path / "a.czi").write_text("text")
    with pytest.raises(InputError, match=r"a\.czi: bioio can't read it"):
        read_image(tmp_path / "a.czi")


def test_the_message_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bioio", None)
    with pytest.raises(InputError, match=r"a\.nd2: .* pip install 'napari-deblur\[vendors\]'"):
        read_image(tmp_path / "a.nd2")
