"""A page a shipped model: its picture, its card, what was seen when its results were looked at."""

from __future__ import annotations

from typing import Any

from elsewhere import relink
from writing import DOCS, GENERATED, ROOT, write_page

ZOO = ROOT / "src" / "gan_lessons" / "zoo"


def setup(app: Any) -> dict[str, Any]:
    """Write the pages before Sphinx looks for sources."""
    app.connect("config-inited", lambda *_: write_models())
    return {"parallel_read_safe": True}


def write_models() -> None:
    """Write generated/models/NAME.md for each model, and generated/models/index.md with README's table."""
    from gan_lessons.zoo import shipped_models

    names = shipped_models()
    for name in names:
        write_page(f"models/{name}.md", _page(name))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme[readme.index("## The models") : readme.index("## Contribute")].removeprefix("#")
    pages = "\n".join(names)
    index = f"{section}\n## Their cards\n\n```{{toctree}}\n:maxdepth: 1\n\n{pages}\n```\n"
    write_page("models/index.md", relink(index, folder=ROOT, page=GENERATED / "models" / "index.md"))


def _page(name: str) -> str:
    """Return a model's page in Markdown."""
    title, text = (ZOO / f"{name}.md").read_text(encoding="utf-8").split("\n", 1)
    pictures = sorted((DOCS / "results" / "gallery").glob(f"{name}*.png"))
    shown = [f"![{path.stem}: blurred, restored, truth](../../results/gallery/{path.name})" for path in pictures]
    return "\n\n".join([title, *shown, text.strip(), "## Card", _card(name)]) + "\n"


def _card(name: str) -> str:
    """Return what the model file says of itself, as a table."""
    from gan_lessons.zoo import find_model, load_model

    model = load_model(name)
    card = model.card
    metrics = "; ".join(f"{what} {value:g}" for what, value in card.metrics.items())
    rows = {
        "for": card.purpose,
        "axes": f"{card.axes}, {'PSF optional' if card.psf else 'no PSF'}",
        "generator": f"`{card.architecture}`",
        "parameters": f"{sum(weights.numel() for weights in model.generator.parameters()):,}",
        "receptive field": f"{model.generator.receptive_field} pixels",
        "file": f"{find_model(name).stat().st_size / 1e6:.2f} MB, SHA-256 `{model.sha256}`",
        "training data": card.training_data,
        "licence": card.licence,
        "measured": metrics,
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {what} | {told} |" for what, told in rows.items())])
