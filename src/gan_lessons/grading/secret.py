"""The instructor's secret: a file outside the repository, from which seeds, variants and anonymous names are drawn."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_lessons.errors import InputError

SHORTEST = 16  # characters
HOW = 'python -c "import secrets; print(secrets.token_hex(32))" > course.secret'


@dataclass(frozen=True, repr=False)
class Secret:
    """Whoever has it knows the hidden tests; the same secret gives the same tests, variants and names again.

    >>> secret = Secret(b"sixteen letters and more")
    >>> secret.anonymous("anna") == secret.anonymous("anna") != secret.anonymous("ben")
    True
    >>> int(secret.draw("lab 1", "anna").integers(1000)) == int(secret.draw("lab 1", "anna").integers(1000))
    True
    """

    key: bytes

    def digest(self, *about: str) -> bytes:
        """Return 32 bytes that only the secret's owner can tell; different for different words."""
        return hmac.new(self.key, "\0".join(about).encode(), hashlib.sha256).digest()

    def draw(self, *about: str) -> np.random.Generator:
        """Return a generator of random numbers of its own for these words."""
        return np.random.default_rng(int.from_bytes(self.digest(*about), "big"))

    def anonymous(self, student: str) -> str:
        """Return a student's name in reports: letters and digits, 12 of them."""
        return self.digest("anonymous", student).hex()[:12]


def read_secret(path: Path) -> Secret:
    """Read a secret: any text of 16 characters or more.

    Raises
    ------
    InputError
        If there is none, it is too short, or it lies in a git work tree, from which it would be published one day.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no secret can be read there; make one, outside of any repository: {HOW}") from error
    if len(text) < SHORTEST:
        raise InputError(f"{path}: {len(text)} characters; expected {SHORTEST} or more: {HOW}")
    for folder in path.resolve().parents:
        if (folder / ".git").exists():
            raise InputError(f"{path}: lies in the git work tree {folder}, where students may find it; move it out")
    return Secret(text.encode())
