"""The beginning of a new lesson: the nine steps, with one exercise that runs."""

from __future__ import annotations

import re
from pathlib import Path

from gan_lessons.errors import InputError
from gan_lessons.io import written_beside

SOURCE = '''# %% [markdown]
# # {title}
#
# **You will build** …  **You need** …  **Time** … (gan-lessons lessons build --measure); no GPU, no download.

# %% tags=["setup"]
import os

import torch

from gan_lessons import check

FAST = os.environ.get("GAN_LESSONS_FAST") == "1"
torch.manual_seed(0)

# %% [markdown]
# ## Predict
#
# A question to answer before anything runs. <details><summary>Answer</summary>…</details>

# %% [markdown]
# ## Build

# %% tags=["solution"] exercise="conv_side"
def conv_side(side, kernel, stride, padding):
    """Return how many pixels a convolution leaves along a side."""
    return (side + 2 * padding - kernel) // stride + 1


# %% tags=["check"]
check.conv_side(conv_side)

# %% [markdown]
# ## Prove
#
# Equal to the library's, in outputs and gradients.

# %% tags=["prove"]
assert conv_side(16, 4, 2, 1) == torch.nn.Conv1d(1, 1, 4, 2, 1)(torch.zeros(1, 1, 16)).shape[-1]

# %% [markdown]
# ## Use it
#
# A real image, a baseline, an honest figure.

# %% [markdown]
# ## Break it
#
# One failure on purpose, and its cure.

# %% [markdown]
# ## Quiz, exercises, references
'''

WRONG = """# %% exercise="conv_side" says="the padding lies on both ends"
def conv_side(side, kernel, stride, padding):
    return (side + padding - kernel) // stride + 1
"""


def begin(name: str, folder: Path) -> list[Path]:
    """Write the source of a lesson called ``NN_topic``, and its first wrong answer.

    Raises
    ------
    InputError
        If the name isn't of that form, or the lesson exists.
    """
    if not re.fullmatch(r"\d\d_[a-z][a-z0-9_]*", name):
        raise InputError(f"lesson {name!r}: expected two digits and a topic in small letters, such as 07_dual_critics")
    title = f"{int(name[:2])} · {name[3:].replace('_', ' ').capitalize()}"
    paths = [folder / "src" / f"{name}.py", folder / "src" / "wrong" / f"{name}.py"]
    for path, text in zip(paths, (SOURCE.format(title=title), WRONG), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_beside(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return paths
