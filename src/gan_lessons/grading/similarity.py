"""Which submissions are alike: winnowed fingerprints of tokens (Schleimer, Wilkerson and Aiken 2003, MOSS)."""

from __future__ import annotations

import hashlib
import io
import tokenize
from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

LENGTH, WINDOW = 8, 5  # tokens: what is shorter than 8 is never found, what is 12 or longer always
RARE = 0.1  # share of the class that may have a fingerprint in common by chance, or because the task asks for it


class Pair(NamedTuple):
    """Two submissions: shares, from 0 to 1, of the smaller one's fingerprints that both have.

    ``rare`` counts only those that at most a tenth of the class (or two) have: the same names, the same comments.
    """

    one: str
    other: str
    rare: float
    all: float


def compare(codes: Mapping[str, str], *, given: str = "", least: float = 0.3) -> list[Pair]:
    """Return pairs that are alike, the most alike first.

    Parameters
    ----------
    codes : mapping
        Name → code.
    given : str
        Code that all were given; it doesn't count.
    least : float
        Of ``rare``; or three times that of ``all``.

    >>> code = "def area(radius):\\n    # a circle's, roughly\\n    return radius * radius * 3.14159 / 1.0"
    >>> compare({"anna": code, "ben": code, "cleo": "def area(r): return math.pi * r ** 2"})
    [Pair(one='anna', other='ben', rare=1.0, all=1.0)]
    """
    common = fingerprints(given)
    prints = {name: fingerprints(code) - common for name, code in codes.items()}
    counts = Counter(mark for marks in prints.values() for mark in marks)
    most = max(2, int(RARE * len(codes)))
    rare = {name: {mark for mark in marks if counts[mark] <= most} for name, marks in prints.items()}
    pairs = [
        Pair(one, other, _share(rare[one], rare[other]), _share(prints[one], prints[other]))
        for one, other in combinations(codes, 2)
    ]
    alike = [pair for pair in pairs if pair.rare >= least or pair.all >= min(3 * least, 1)]
    return sorted(alike, key=lambda pair: (-pair.rare, -pair.all, pair.one, pair.other))


def fingerprints(code: str) -> set[int]:
    """Return the least hash of each window of hashes of runs of tokens; layout doesn't count, names and comments do."""
    tokens = _tokens(code)
    runs = ["\0".join(tokens[start : start + LENGTH]) for start in range(len(tokens) - LENGTH + 1)]
    hashes = [int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big") for run in runs]
    return {min(hashes[start : start + WINDOW]) for start in range(max(len(hashes) - WINDOW + 1, bool(hashes)))}


def _tokens(code: str) -> list[str]:
    kinds = (tokenize.NAME, tokenize.NUMBER, tokenize.STRING, tokenize.OP, tokenize.COMMENT)
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type in kinds:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError):  # no Python from here on; what came before counts
        pass
    return found


def _share(one: set[int], other: set[int]) -> float:
    smaller = min(len(one), len(other))
    return round(len(one & other) / smaller, 3) if smaller else 0.0
