"""Restore every real image at hand, and draw a part of each before and after: to be looked at.

python benchmarks/gallery.py microscopy --images ../shared/data --out gallery
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from gan_lessons import restore
from gan_lessons.io import read_image

AXES = {  # what the files don't say
    "BBBC007_A9_p7d.tif": "YX",
    "BBBC022_IXMtest_A02_s9.tif": "CYX",
    "Bead_Image1_crop.tif": "ZYX",
    "DeconvolutionSampleVerticalGrid1AU-crop.tif": "ZYX",
    "psf_measured_mean4.tif": None,  # a PSF, no specimen
    "kernel.tif": None,
    "actual.tif": None,  # a truth
    "data.tif": "ZYX",
    "calcium_imaging_1000x30x40.tif": "TYX",
    "cancer_cell_migration_crop.tif": "TYX",
    "membrane_2d_timelapse.tif": "TYX",
    "c_elegans_em_volume.tif": "ZYX",
    "mitocheck_movie_30frames.tif": "TYX",
    "xyc_16bit__hela-cells.tif": "YXC",
    "xyc_16bit__nup_nuclei.tif": "CYX",
    "xyc_8bit__dapi_tublin.tif": "CYX",
    "xyc_8bit__tub_h2b_cecog_battery.tif": "CYX",
    "xyt_calibrated_16bit__golgi_bfa_sum_projection.tif": "TYX",
    "xyzc_16bit__spots.tif": "ZCYX",
}
FOLDERS = {
    "microscopy": ["microscopy/**/*.tif"],
    "remote": ["remote/*.tif"],
    "photos": ["motion/gopro_0477/*_blur.png", "style_sr/photo/*.jpg"],
}


def read(path: Path):
    """Read with the file's own axes where it says them, else with those of `AXES`."""
    try:
        return read_image(path)
    except ValueError:
        return read_image(path, axes=AXES[path.name])


def model_for(image, kind: str) -> str:
    if kind == "photos":
        return "photo-motion"
    if kind == "remote":
        return "remote-sensing"
    return "fluo-3d" if "Z" in image.axes else "fluo-2d"


def middle(pixels: np.ndarray, axes: str, side: int = 160) -> np.ndarray:
    """Cut the middle of the middle plane of the first channel; the colors of a photograph stay."""
    if "S" in axes:
        pixels = pixels[..., :3]
    index = tuple(
        slice(max(0, n // 2 - side // 2), n // 2 + side // 2)
        if axis in "YX"
        else slice(None)
        if axis == "S"
        else (0 if axis == "C" else n // 2)
        for axis, n in zip(axes, pixels.shape, strict=True)
    )
    return np.asarray(pixels[index])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=FOLDERS)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("gallery"))
    arguments = parser.parse_args()
    paths = sorted(p for pattern in FOLDERS[arguments.kind] for p in arguments.images.glob(pattern))
    pairs = []
    for path in paths:
        if AXES.get(path.name, "") is None:
            continue
        image = read(path)
        model, began = model_for(image, arguments.kind), time.monotonic()
        restored = restore(image, model)
        print(
            f"{path.name}: {image.axes} {image.data.shape} {image.data.dtype} {model} {time.monotonic() - began:.1f} s"
        )
        pairs.append((path.stem, middle(image.data, image.axes), middle(restored.data, image.axes)))
    columns = 4
    rows = -(-len(pairs) // columns)
    figure, axes = plt.subplots(rows, 2 * columns, figsize=(4 * columns, 2.2 * rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for index, (name, before, after) in enumerate(pairs):
        low, high = np.nanpercentile(before, [0.5, 99.8])
        for axis, pixels in zip(axes.flat[2 * index : 2 * index + 2], (before, after), strict=True):
            axis.imshow(np.clip((pixels - low) / max(high - low, 1e-9), 0, 1), cmap="gray")
        axes.flat[2 * index].set_title(name[:34], fontsize=6, loc="left")
    figure.tight_layout(pad=0.3)
    arguments.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(arguments.out / f"{arguments.kind}.png", dpi=130)


if __name__ == "__main__":
    main()
