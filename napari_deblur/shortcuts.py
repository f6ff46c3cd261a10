"""Keys that the form listens to while it is open; the manifest can't bind any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import napari

PREVIEW, RUN, CANCEL = "Control-Alt-P", "Control-Alt-R", "Control-Alt-X"
BLINK, SWIPE = "Control-Alt-B", "Control-Alt-S"


def bind_keys(viewer: napari.Viewer, actions: Mapping[str, Callable[[], Any]]) -> Callable[..., None]:
    """Bind keys of a viewer to actions; return the function that frees them again."""
    for key, action in actions.items():

        def act(_: Any, action: Callable[[], Any] = action) -> None:
            action()

        viewer.bind_key(key, act, overwrite=True)

    def free(*_: Any) -> None:
        for key in actions:
            viewer.bind_key(key, None)

    return free
