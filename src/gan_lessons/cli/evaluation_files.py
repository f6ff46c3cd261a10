"""The files of an evaluation: images in, table and page out."""

from __future__ import annotations

import json
import platform
import shlex
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lessons.cli import console
from gan_lessons.cli.options import parse_pixel_size
from gan_lessons.cli.provenance import PACKAGES, provenance_path, sha256
from gan_lessons.errors import InputError, InputWarning

if TYPE_CHECKING:
    import numpy as np

    from gan_lessons.evaluation import Evaluation
    from gan_lessons.image import Image
    from gan_lessons.restoration.psfs import PSFs

NAMES = ("table.csv", "table.json", "report.html")
TAKEN = ("raw", "reference")


@dataclass(frozen=True, eq=False)
class Files:
    """What was read, and from where, by name: the recording, ``"raw"``, the candidates, and the reference."""

    paths: dict[str, Path]
    images: dict[str, Image]
    reference: Image | None

    @classmethod
    def read(
        cls,
        raw: Path,
        candidates: list[str],
        reference: Path | None,
        *,
        axes: str | None,
        pixel_size: str | None,
        channel: int | None,
    ) -> Files:
        """Read all images; each candidate is ``NAME=FILE``."""
        from gan_lessons.io import read_image

        paths = {"raw": raw}
        for word in candidates:
            name, _, file = word.partition("=")
            if not (name.strip() and file):
                raise InputError(f"--candidate {word}: expected NAME=FILE, such as restored=restored/cells.tif")
            if name in paths or name in TAKEN:
                raise InputError(f"--candidate {word}: the name {name!r} is taken; choose another")
            paths[name] = Path(file)
        size = parse_pixel_size(pixel_size)

        def read(path: Path) -> Image:
            image = read_image(path, axes=axes, pixel_size=size)
            return image if channel is None else image.channel(channel)

        images = {name: read(path) for name, path in paths.items()}
        truth = None if reference is None else read(reference)
        return cls(paths | ({} if reference is None else {"reference": reference}), images, truth)

    def restored(self, model: str, psf: PSFs | None) -> tuple[Image, Callable[[np.ndarray], np.ndarray]]:
        """Restore the recording; return the result, and how to restore another image alike."""
        import numpy as np

        from gan_lessons.evaluation.comparison import ORDER
        from gan_lessons.restoration import restore

        raw = self.images["raw"]
        ordered = "".join(axis for axis in ORDER if axis in raw.axes)

        def again(pixels: np.ndarray) -> np.ndarray:
            axes = ordered[-pixels.ndim :]
            last = axes.replace("S", "") + "S" * ("S" in axes)  # color samples come last where images are restored
            values = pixels.astype(np.float32).transpose([axes.index(axis) for axis in last])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", InputWarning)  # they were given for the recording
                # One position: averaged over several, a network's doubt between them would not show.
                result = np.asarray(restore(values, model, psf=psf, axes=last, self_ensemble=1, dtype="float32"))
            return result.transpose([last.index(axis) for axis in axes])

        return restore(raw, model, psf=psf, dtype="float32"), again

    def tile(self) -> tuple[int, int] | None:
        """Return the tiles that a candidate's own JSON tells of."""
        for name in self.images:
            tile = self.made(name).get("settings", {}).get("tile")
            if isinstance(tile, list) and len(tile) >= 2:
                return int(tile[-2]), int(tile[-1])
        return None

    def made(self, name: str) -> dict[str, Any]:
        """Return the provenance beside a file, or an empty dict."""
        beside = provenance_path(self.paths[name]) if name in self.paths else None
        if beside is None or not beside.is_file():
            return {}
        try:
            found = json.loads(beside.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{beside}: not JSON: {error}; mend or remove it") from error
        return found if isinstance(found, dict) else {}

    def told(self) -> list[dict[str, str]]:
        """Return name, path, hash and provenance of each file."""
        return [
            {
                "name": name,
                "path": str(path),
                "sha256": sha256(path),
                "made": json.dumps(self.made(name), indent=2, ensure_ascii=False) if self.made(name) else "",
            }
            for name, path in self.paths.items()
        ]


def read_plain(path: Path, like: Image) -> np.ndarray:
    """Read a mask or labels in the order of the images' axes."""
    import numpy as np

    from gan_lessons.io import read_image

    try:
        image = read_image(path)
    except InputError as error:
        if "--axes" not in str(error):
            raise
        image = read_image(path, axes=like.axes)
    return np.asarray(image.data)


def check_folder(out: Path, *, overwrite: bool) -> dict[str, Path]:
    """Return the results' paths in the folder ``out``, which is made; raise `InputError` where one may not be."""
    from gan_lessons.io import check_target

    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: a file; expected a folder for {', '.join(NAMES)}")
    targets = {name: out / name for name in NAMES}
    for path in targets.values():
        if out.is_dir():
            check_target(path, overwrite=overwrite)
    out.mkdir(parents=True, exist_ok=True)
    return targets


def write_evaluation(
    found: Evaluation, files: Files, targets: Mapping[str, Path], *, settings: Mapping[str, Any], overwrite: bool
) -> None:
    """Write table and page, and print the table."""
    from gan_lessons.evaluation.page import render_page
    from gan_lessons.io import written_beside

    versions = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    told = files.told()
    given = {name: value for name, value in settings.items() if value is not None}
    command = shlex.join(["gan-lessons", *sys.argv[1:]])
    record = {
        "figures": json.loads(found.table.to_json(orient="index", double_precision=15)),
        "notes": found.notes,
        "files": [{key: file[key] for key in ("name", "path", "sha256")} for file in told],
        "settings": given,
        "versions": versions,
    }
    shown = {"command": command, **given, **{f"version of {name}": number for name, number in versions.items()}}
    texts = {
        "table.csv": found.table.to_csv(),
        "table.json": json.dumps(record, indent=2, ensure_ascii=False) + "\n",
        "report.html": render_page(found, title=files.paths["raw"].name, settings=shown, files=told),
    }
    for name, path in targets.items():
        with written_beside(path, overwrite=overwrite) as temporary:
            temporary.write_text(texts[name], encoding="utf-8")
    console.out.print(_table(found))
    for path in targets.values():
        console.out.print(str(path), markup=False, highlight=False, soft_wrap=True)


def _table(found: Evaluation) -> Any:
    from rich.table import Table

    from gan_lessons.evaluation.page.table import groups_of

    table = Table("", *found.table.index)
    for column in table.columns[1:]:
        column.justify = "right"
    for _, rows in groups_of(found.table):
        table.add_section()
        for row in rows:
            table.add_row(f"{row.name} [dim]{row.unit}[/]", *(cell.text for cell in row.cells))
    return table
