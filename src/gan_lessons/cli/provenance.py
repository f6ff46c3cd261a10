"""The JSON beside a result: from what, by what, and how it was made."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lessons.io import written_beside

if TYPE_CHECKING:
    from gan_lessons.image import Image
    from gan_lessons.restoration import Report

PACKAGES = ("napari-deblur", "torch", "numpy", "scipy", "tifffile")


def provenance_path(result: Path) -> Path:
    """Return where the provenance of a result is: ``cells.tif.json`` beside ``cells.tif``."""
    return result.with_name(result.name + ".json")


def write_provenance(
    source: Path, result: Path, image: Image, report: Report, optics: Mapping[str, Any], *, overwrite: bool
) -> None:
    """Write the provenance of ``result``, which was made from ``image``, read from ``source``."""
    record = {
        "input": {"path": str(source), "sha256": sha256(source)},
        "output": str(result),
        "axes": image.axes,
        "shape": list(image.data.shape),
        "dtype": str(image.data.dtype),
        "pixel_size": dict(image.pixel_size),
        "unit": dict(image.unit),
        "optics": dict(optics),
        **asdict(report),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with written_beside(provenance_path(result), overwrite=overwrite) as temporary:
        temporary.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def sha256(path: Path) -> str:
    """Return the hash of a file; of a folder (OME-Zarr), that of its files' names and hashes, in order."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        listing = "".join(f"{sha256(file)}  {file.relative_to(path).as_posix()}\n" for file in files)
        return hashlib.sha256(listing.encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
