"""The value that a generator returns, for searches that report their progress as items."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def result_of(
    items: Generator[Item, Any, Result], on_item: Callable[[Item], object] | None = None
) -> Result:
    """Run a generator to its end; `on_item` is called with each item."""
    while True:
        try:
            item = next(items)
        except StopIteration as end:
            result: Result = end.value
            return result
        if on_item is not None:
            on_item(item)
