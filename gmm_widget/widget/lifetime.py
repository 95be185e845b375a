"""Lets a widget go when it is no longer shown and nothing refers to it.

ipywidgets keeps every open widget for ever, in its registry and as the receiver of its comm's
messages, and IPython keeps it in `Out`. So running a cell again and again would keep the points of
all old widgets. Here registry and comm refer to it weakly except while it is shown: from when it is
displayed until its last view says goodbye. In a host whose views never do, it is kept for ever.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import Any, final

from ipywidgets.widgets import widget as ipywidgets_module

from gmm_widget.runtime.weak_callback import weakly

GRACE = 2.0  # seconds: while a cell runs again, the old view closes before the new one opens


@final
class Lifetime:
    """Counts the views of a widget and keeps it while there are any.

    after : calls a function after so many seconds.
    """

    def __init__(self, widget: Any, after: Callable[[float, Callable[[], object]], object]) -> None:
        self._widget = weakref.ref(widget)
        self._after = after
        self._views: set[str] = set()
        self._displayed = 0  # displays whose views have not opened yet

    @property
    def shown(self) -> bool:
        """Whether there are views, or will be."""
        return bool(self._views or self._displayed)

    def connect(self) -> None:
        """Take over the references that ipywidgets has just made."""
        widget = self._widget()
        assert widget is not None
        widget.comm.on_msg(weakly(widget._handle_msg))
        self._register()

    def display(self) -> None:
        """The widget is being displayed: a view will open."""
        self._displayed += 1
        self._register()

    def hello(self, view: str) -> None:
        """A view has opened; those of one that is open already change nothing."""
        if view not in self._views:
            self._views.add(view)
            self._displayed = max(0, self._displayed - 1)
            self._register()

    def goodbye(self, view: str) -> None:
        """A view has closed."""
        self._views.discard(view)
        if not self.shown:
            self._after(GRACE, self._let_go)

    def _let_go(self) -> None:
        widget = self._widget()
        if widget is not None and not self.shown:
            _forget_output(widget)
            widget._end_frames()
            self._register()

    def _register(self) -> None:
        widget = self._widget()
        if widget is None or widget.comm is None:
            return
        registry = ipywidgets_module._instances
        # A proxy, because a page that is loaded again asks the registry for all widgets.
        registry[widget.model_id] = widget if self.shown else weakref.proxy(widget)


def _forget_output(widget: Any) -> None:
    """Remove the widget from IPython's cache of outputs: `Out`, `_12`, `_`, `__`, `___`."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        return
    outputs = shell.user_ns.get("_oh", {})
    for n in [n for n, value in outputs.items() if value is widget]:
        del outputs[n]
    # What IPython itself has put into the namespace, it has put here as well.
    hidden = shell.user_ns_hidden
    for name in [name for name, value in hidden.items() if value is widget]:
        for names in (hidden, shell.user_ns):
            if names.get(name) is widget:
                names[name] = ""
    for name in ("_", "__", "___"):
        if getattr(shell.displayhook, name, None) is widget:
            setattr(shell.displayhook, name, "")
