"""The end of a fine-tuning in words and figures, of the region that nothing else has seen."""

from __future__ import annotations

from napari_deblur.finetune_events import Trained

NAMES = {"psnr": "PSNR, dB", "ssim": "SSIM", "deviance": "deviance"}
COLUMNS = {"raw": "recorded", "start": "starting<br>model", "best": "fine-<br>tuned"}  # in lines: a form is narrow


def tell_kept(done: Trained) -> str:
    """Say which weights were kept, and where they are."""
    trained = f"{done.steps} steps in {done.seconds:.0f} s"
    if done.kept == "start":
        return f"{done.name}: nothing was better than {done.parent} on the validation region, which is kept; {trained}"
    return f"{done.name}: kept {done.kept} of {trained}; Deblur offers it"


def figures_table(done: Trained) -> str:
    """Return HTML: a row a figure, the starting model beside the fine-tuned one; the better of them bold.

    >>> rows = {"raw": {"psnr": 20.0}, "start": {"psnr": 25.0}, "best": {"psnr": 26.0}}
    >>> done = Trained("mine", "", "fluo-2d", "step 100", {"test": rows}, 100, 60.0)
    >>> "<b>26.00</b>" in figures_table(done), "<b>25.00</b>" in figures_table(done)
    (True, False)
    """
    judged = done.figures["test"]
    shown = [what for what in COLUMNS if judged.get(what)]
    head = "".join(f"<td align='right' valign='bottom'>{COLUMNS[what]}</td>" for what in shown)
    lines = [f"<tr><td valign='bottom'>test region</td>{head}</tr>"]
    for name in (name for name in NAMES if name in judged["best"]):
        values = {what: judged[what][name] for what in shown}
        less = name == "deviance"
        best = min(values.values()) if less else max(values.values())
        alone = list(values.values()).count(best) == 1
        cells = (_cell(value, name, bold=alone and value == best) for value in values.values())
        lines.append(f"<tr><td>{NAMES[name]}</td>{''.join(cells)}</tr>")
    return f"<table cellspacing='4'>{''.join(lines)}</table>"


def _cell(value: float, name: str, *, bold: bool) -> str:
    text = f"{value:.2f}" if name == "psnr" else f"{value:.4f}"
    return f"<td align='right'>{f'<b>{text}</b>' if bold else text}</td>"
