"""Draw the gallery: images that no model was trained on, blurred, restored by the shipped models, and their truth.

    python benchmarks/before_after.py --images ../shared/data --out docs/results

writes OUT/gallery.md and a picture an image to OUT/gallery/.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image as Picture

from gan_lessons.data.demo import Scene, make_scenes
from gan_lessons.degradations import Microscope, PoissonGaussian, SensorBlur, convolve
from gan_lessons.image import Image
from gan_lessons.metrics.full_reference import photon_range, psnr, ssim
from gan_lessons.restoration import restore
from gan_lessons.restoration.comparison import Result, compare
from gan_lessons.training.truths import listed, read_truths
from gan_lessons.zoo import shipped_models

OFFSET, READ_NOISE = 100.0, 1.6  # of the camera
SIDE = 320  # pixels of an image; large satellite scenes are cut
SHOWN = 128  # of them drawn: on the whole nobody sees a difference
LICENCES = ("CC0", "CC BY 4.0", "public domain")
COLUMNS = ("blurred", "Richardson–Lucy", "restored", "restored, PSF known")
SHOWN_FIRST = ("recorded", "restored"), ("blurred", "restored, PSF known")
HERO = ("BBBC007_A9_p7d", "membrane_2d_timelapse")
Compared = tuple[Scene, Sequence[Result]]
INTRODUCTION = """# Gallery

Images that no model was trained on, blurred and made noisy as an instrument does it, restored by the shipped models,
and the truth beside them. These draw them again:

    python benchmarks/before_after.py --images ../shared/data --out docs/results

They are the demo's scenes, and those held-out images of `training/images.csv` that may be shown anywhere; none was left
out for its result. PSNR and SSIM are of the whole image, not of the part that is drawn; the range is the truth's 99.9th
percentile less its minimum. *Richardson–Lucy* has the true PSF and the number of iterations that the truth says is
best, which nobody has on real data; *restored* knows nothing but the image. Where Richardson–Lucy is ahead, as it is of
`photo-motion` for every shake whose path is known, the row says so.
"""


def held_out(images: Path, kind: str, model: str, psf: np.ndarray, photons: float, told: str) -> Iterator[Scene]:
    """Yield the first plane of each held-out image, blurred and counted."""
    seen = set()
    for entry, planes in read_truths(images, kind, "held-out"):
        if entry.path not in seen and entry.licence in LICENCES:
            seen.add(entry.path)
            source = f"{Path(entry.path).name}, {entry.licence}, {entry.source}; {told}"
            yield counted(Path(entry.path).stem, source, model, planes[0, :SIDE, :SIDE], psf, photons)


def counted(name: str, told: str, model: str, sharp: np.ndarray, psf: np.ndarray, photons: float) -> Scene:
    """Blur, and count photons as a camera of 16 bits does."""
    blurred = convolve(sharp - sharp.min(), psf)
    gain = photons / float(np.percentile(blurred, 99.9))
    noise = PoissonGaussian(electrons_per_unit=1.0, offset=OFFSET, read_noise=READ_NOISE)
    counts = noise.apply(blurred * gain + OFFSET, np.random.default_rng(1))
    truth = ((sharp - sharp.min()) * gain + OFFSET).astype(np.float32)
    stored = Image(np.clip(np.rint(counts), 0, 65535).astype(np.uint16), "YX", name=name)
    return Scene(name, told, model, truth, stored, psf, background=OFFSET)


def shaken(images: Path) -> Iterator[Compared]:
    """Yield photographs whose blur is real and not known: the mean of a camera's frames, beside the middle one."""
    for entry in listed("photo", "held-out"):
        if entry.path.endswith("_sharp.png"):
            sharp, blurred = (_half(images / entry.path.replace("_sharp", part)) for part in ("_sharp", "_blur"))
            name = Path(entry.path).stem.removesuffix("_sharp").replace("GOPR0477_11_00_st_", "gopro-")
            told = f"GoPro (Nah et al. 2017), {entry.licence}; real motion, halved"
            scene = Scene(name, told, "photo-motion", sharp.astype(np.float32), Image(blurred, "YXS"), np.ones((1, 1)))
            restored = np.asarray(restore(scene.degraded, scene.model, dtype="float32").data)
            yield scene, [_judged(scene, "blurred", blurred), _judged(scene, "restored", restored)]


def _half(path: Path) -> np.ndarray:
    with Picture.open(path) as picture:
        return np.asarray(picture.convert("RGB").reduce(2))


def _judged(scene: Scene, method: str, pixels: np.ndarray) -> Result:
    span, colors = photon_range(scene.truth), np.moveaxis(np.stack([pixels, scene.truth]).astype(np.float32), -1, 1)
    return Result(scene.name, method, "", psnr(*colors, span), ssim(*colors, span), 0.0, pixels)


def scenes(images: Path) -> Iterator[Scene]:
    """Yield all whose PSF is known."""
    scope = Microscope(na=0.75, wavelength_nm=520, pixel_size_um=0.16)
    sensor = SensorBlur(mtf_at_nyquist=0.15)
    yield from held_out(
        images, "fluorescence", "fluo-2d", scope.psf_2d(1.0), 100, "NA 0.75, 1 µm out of focus, 100 photons"
    )
    yield from held_out(images, "map", "remote-sensing", sensor.kernel(), 2000, "MTF 0.15 at Nyquist, 2000 electrons")
    for model in shipped_models():
        yield from make_scenes(model)


def draw(scene: Scene, results: Sequence[Result], path: Path) -> None:
    """Draw the sharpest part of the middle plane, all at the truth's contrast."""
    part = _part(scene)
    low, high = np.percentile(part(scene.truth), [0.5, 99.8])
    shown = {
        f"{r.method}\n{r.psnr:.1f} dB, SSIM {r.ssim:.2f}": r.pixels for m in COLUMNS for r in results if r.method == m
    }
    panels = {**shown, "truth\n": scene.truth}
    figure, axes = plt.subplots(1, len(panels), figsize=(2.4 * len(panels), 2.95), layout="constrained")
    for axis, (title, pixels) in zip(axes, panels.items(), strict=True):
        axis.imshow(np.clip((part(pixels) - low) / (high - low), 0, 1), cmap="gray", vmin=0, vmax=1)
        axis.set_title(title, fontsize=9)
        axis.axis("off")
    _save(figure, path)


def _part(scene: Scene):
    """Return a function that cuts the square with most contrast out of the middle plane."""
    plane = scene.truth[len(scene.truth) // 2] if scene.degraded.axes == "ZYX" else scene.truth
    places = [
        (y, x)
        for y in range(0, max(1, plane.shape[0] - SHOWN), 16)
        for x in range(0, max(1, plane.shape[1] - SHOWN), 16)
    ]
    top, left = max(places, key=lambda place: plane[place[0] :, place[1] :][:SHOWN, :SHOWN].std())

    def cut(pixels: np.ndarray) -> np.ndarray:
        chosen = pixels[len(pixels) // 2] if scene.degraded.axes == "ZYX" else pixels
        return np.asarray(chosen[top : top + SHOWN, left : left + SHOWN], np.float32)

    return cut


def draw_hero(compared: Sequence[Compared], path: Path) -> None:
    """Draw two real images as recorded and as restored, for the first page."""
    figure, axes = plt.subplots(1, 4, figsize=(12, 3.2), layout="constrained")
    chosen = [pair for name in HERO for pair in compared if pair[0].name == name]
    for index, (scene, results) in enumerate(chosen):
        part, by_method = _part(scene), {result.method: result for result in results}
        low, high = np.percentile(part(scene.truth), [0.5, 99.8])
        for axis, words, method in zip(axes[2 * index :], *SHOWN_FIRST, strict=False):
            axis.imshow(np.clip((part(by_method[method].pixels) - low) / (high - low), 0, 1), cmap="gray")
            axis.set_title(f"{words}: {by_method[method].psnr:.1f} dB", fontsize=11)
            axis.axis("off")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    """Save with 256 colors, which is all that a gray image has: a third of the bytes."""
    figure.savefig(path, dpi=115)
    plt.close(figure)
    with Picture.open(path) as drawn:
        drawn.convert("RGB").quantize(256).save(path, optimize=True)


def page(compared: Sequence[Compared]) -> str:
    """Return the gallery in Markdown."""
    rows = [f"| image | model | {' | '.join(COLUMNS)} |", "|---|---|" + "---|" * len(COLUMNS)]
    figures = []
    for scene, results in compared:
        told = {result.method: f"{result.psnr:.2f} dB, {result.ssim:.3f}" for result in results}
        rows.append(f"| {_told(scene)} | `{scene.model}` | {' | '.join(told.get(method, '–') for method in COLUMNS)} |")
        file = f"gallery/{scene.model}-{scene.name}.png"
        figures.append(
            f"### {_told(scene)}\n\n{scene.description}.\n\n![{_told(scene)}: blurred, restored, truth]({file})"
        )
    return "\n\n".join([INTRODUCTION + "\n## Figures", "\n".join(rows), "## Pictures", *figures]) + "\n"


def _told(scene: Scene) -> str:
    return scene.name.replace("_", " ").removesuffix(" image").removesuffix(" n avg-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("gallery"))
    arguments = parser.parse_args()
    (arguments.out / "gallery").mkdir(parents=True, exist_ok=True)
    compared: list[Compared] = []
    for scene in scenes(arguments.images):
        compared.append((scene, list(compare(scene, most_iterations=200))))
        print(*(f"{r.method} {r.psnr:.2f} dB {r.ssim:.3f}" for r in compared[-1][1]), sep=", ", flush=True)
    compared += shaken(arguments.images)
    for scene, results in compared:
        draw(scene, results, arguments.out / "gallery" / f"{scene.model}-{scene.name}.png")
    draw_hero(compared, arguments.out / "gallery" / "hero.png")
    (arguments.out / "gallery.md").write_text(page(compared), encoding="utf-8")


if __name__ == "__main__":
    main()
