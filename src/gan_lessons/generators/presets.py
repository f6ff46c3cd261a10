"""The generators of five well-known tutorials, as arguments of ours."""

from __future__ import annotations

from typing import Any

PRESETS: dict[str, dict[str, dict[str, Any]]] = {}
"""By generator, then by tutorial."""
