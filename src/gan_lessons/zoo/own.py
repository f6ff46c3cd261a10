"""The user's own models: a folder of model files, each under the name it is called by."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from gan_lessons.errors import InputError, suggest
from gan_lessons.io import written_beside
from gan_lessons.zoo.card import read_card

FOLDER = "GAN_LESSONS_MODELS"
"""Environment variable that names another folder: one that several people share, say."""

SUFFIX = ".safetensors"


def user_folder() -> Path:
    """Return the folder of the user's own models, which may not exist yet."""
    import platformdirs

    chosen = os.environ.get(FOLDER)
    return Path(chosen) if chosen else platformdirs.user_data_path("gan-lessons", appauthor=False) / "models"


def own_models() -> dict[str, Path]:
    """Return the files of the user's own models, by name."""
    return {path.stem: path for path in sorted(user_folder().glob(f"[!.]*{SUFFIX}"))}  # no file that is being written


def model_path(name_or_path: str | Path) -> Path:
    """Return where a model of this name is to be written, the folder made; a path of a model file stays as it is.

    Raises
    ------
    InputError
        If it can't be a name, or is that of a shipped model.
    """
    text = str(name_or_path)
    if text.endswith(SUFFIX):
        return Path(text)
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", text):
        raise InputError(
            f"{text!r} can't be a model's name; expected letters, digits, '-', '_' and '.', or a {SUFFIX} file"
        )
    if (Path(__file__).parent / f"{text}{SUFFIX}").exists():
        raise InputError(f"{text!r} is a shipped model; choose another name")
    user_folder().mkdir(parents=True, exist_ok=True)
    return user_folder() / f"{text}{SUFFIX}"


def add_model(file: str | Path, name: str | None = None, *, overwrite: bool = False) -> Path:
    """Copy a model file among the user's own models, under its own name or another.

    Raises
    ------
    InputError
        If it isn't a model file, or the name is taken.
    """
    file = Path(file)
    if not file.is_file():
        raise InputError(f"{file}: no such model file")
    read_card(file)
    return _copy(file, model_path(name or file.stem), overwrite=overwrite)


def save_copy(name: str, file: str | Path, *, overwrite: bool = False) -> Path:
    """Copy one of the user's own models to a file, to be given to others.

    Raises
    ------
    InputError
        If there is no such model, or the file exists.
    """
    known = own_models()
    if name not in known:
        raise InputError(f"{name!r} isn't one of your own models; {suggest(name, known)}")
    return _copy(known[name], Path(file), overwrite=overwrite)


def _copy(source: Path, path: Path, *, overwrite: bool) -> Path:
    with written_beside(path, overwrite=overwrite) as part:
        shutil.copyfile(source, part)
    return path
