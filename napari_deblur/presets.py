"""Settings under names, and those of the last run, kept by napari for the next time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from magicgui.widgets.bases import BaseValueWidget
from napari.settings import get_plugin_settings

Values = dict[str, Any]
DEBLUR = "deblur"


def read_presets() -> dict[str, Values]:
    """Return all presets by name; what isn't readable any more is as if it weren't there."""
    return _read("presets")


def save_preset(name: str, values: Values) -> None:
    """Keep settings under a name, in place of older ones of that name."""
    _write("presets", {**read_presets(), name: values})


def delete_preset(name: str) -> None:
    """Forget a preset."""
    _write("presets", {other: values for other, values in read_presets().items() if other != name})


def read_last(form: str = DEBLUR) -> Values:
    """Return the settings of a form's last run, in this session or an earlier one."""
    return _read("last", form)


def save_last(values: Values, form: str = DEBLUR) -> None:
    """Keep the settings of a run."""
    _write("last", values, form)


def values_of(widgets: Iterable[BaseValueWidget]) -> Values:
    """Return what widgets say, by their names, as JSON can hold it."""
    return {one.name: str(one.value) if isinstance(one.value, Path) else one.value for one in widgets}


def apply(values: Mapping[str, Any], widgets: Iterable[BaseValueWidget]) -> list[str]:
    """Set widgets; return the names of those that can't have their value any more (a model that is gone)."""
    refused = []
    for widget in widgets:
        if widget.name not in values or widget.value == values[widget.name]:
            continue
        try:
            widget.value = values[widget.name]
        except (ValueError, TypeError):
            refused.append(widget.label or widget.name)
    return refused


def _read(key: str, form: str = DEBLUR) -> Any:
    try:
        return dict(json.loads(getattr(_settings(form), key)))
    except (ValueError, TypeError):
        return {}


def _write(key: str, values: Mapping[str, Any], form: str = DEBLUR) -> None:
    setattr(_settings(form), key, json.dumps(values))


def _settings(form: str) -> Any:
    """Return a form's part of the plugin's settings, as the manifest names it."""
    return getattr(get_plugin_settings("napari-deblur"), form)
