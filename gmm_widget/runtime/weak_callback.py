"""Callbacks that don't keep the object alive whose method they call.

The parts of a widget call back to it, and points that take gigabytes should go with the last
reference to it, not when the garbage collector comes round.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any


def weakly(method: Callable[..., Any]) -> Callable[..., None]:
    """A function that calls a bound method while its object lives, and then does nothing."""
    reference = weakref.WeakMethod(method)

    def call(*args: Any, **keywords: Any) -> None:
        alive = reference()
        if alive is not None:
            alive(*args, **keywords)

    return call
