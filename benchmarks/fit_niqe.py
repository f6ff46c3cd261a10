"""Fit NIQE's model of good photographs and write it with its sources: how src/gan_lessons/metrics/niqe.json was made.

    python benchmarks/fit_niqe.py --images DIR [--out src/gan_lessons/metrics/niqe.json]

Photographs that come with scikit-image, and those that images.csv lists under a license which allows this: everything
natural and sharp; no drawings, maps, micrographs or frames of films.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from importlib import resources
from pathlib import Path

import numpy as np
from skimage.color import rgb2ycbcr
from skimage.io import imread

from gan_lessons.metrics.niqe import fit_natural_model

# File → license, of scikit-image's photographs that images.csv doesn't list. Its brick, grass and gravel aren't here:
# textures are sharp all over, and would outweigh everything else.
OTHERS = {"camera.png": "CC0"}
NOT_PHOTOGRAPHS = ("sintel", "ihc", "hubble")
HELD_OUT = ("chelsea.png", "hoovertowernight.jpg", "astronaut.png")  # kept for tests


def listed(folder: Path) -> list[tuple[Path, str, str]]:
    """Return path, name and license of each photograph."""
    here = Path(str(resources.files("skimage.data")))
    rows = csv.DictReader((resources.files("gan_lessons.training") / "images.csv").open(encoding="utf-8"))
    found = [(here / name, f"skimage/{name}", license_) for name, license_ in OTHERS.items()]
    for row in rows:
        name = row["path"]
        if row["kind"] != "photo" or any(word in name for word in NOT_PHOTOGRAPHS) or name.endswith(HELD_OUT):
            continue
        path = here / name.removeprefix("skimage/") if name.startswith("skimage/") else folder / name
        found.append((path, name, row["licence"]))
    return found


def gray(path: Path) -> np.ndarray:
    """Return the luminance that television uses, 16 to 235, as the original's ``rgb2ycbcr``; gray files as they are."""
    image = imread(path)
    return rgb2ycbcr(image[..., :3])[..., 0] if image.ndim == 3 else image.astype(np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("src/gan_lessons/metrics/niqe.json"))
    options = parser.parse_args()
    files = listed(options.images)
    model = fit_natural_model(gray(path) for path, _, _ in files)
    sources = [
        {"file": name, "license": license_, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path, name, license_ in files
    ]
    stored = {
        "what": "NIQE: mean and covariance of 36 features of sharp 96x96 patches (Mittal et al. 2013)",
        "license": "CC0-1.0",
        "sources": sources,
        "mean": model.mean.tolist(),
        "covariance": model.covariance.tolist(),
    }
    options.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(f"{len(files)} photographs, condition number {np.linalg.cond(model.covariance):.3g}: {options.out}")


if __name__ == "__main__":
    main()
