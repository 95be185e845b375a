"""Old names of arguments and attributes, which work, with a warning, for one more release."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def renamed(
    **new_names: str,
) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Decorator: the function also takes these old keywords, each for the new one given.

    TypeError if a call has both.
    """

    def decorate(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @functools.wraps(function)
        def call(*args: Any, **options: Any) -> Result:
            for old, new in new_names.items():
                if old not in options:
                    continue
                if new in options:
                    raise TypeError(
                        f"{function.__name__}() got both {new!r} and its old name {old!r}"
                    )
                warnings.warn(
                    f"the argument {old!r} of {function.__name__}() is called {new!r} now",
                    DeprecationWarning,
                    stacklevel=2,
                )
                options[new] = options.pop(old)
            return function(*args, **options)

        return call

    return decorate


def renamed_attribute(old: str, new: str) -> property:
    """A property that has an attribute's old name."""

    def read(self: object) -> Any:
        warnings.warn(
            f"{type(self).__name__}.{old} is called {new} now", DeprecationWarning, stacklevel=2
        )
        return getattr(self, new)

    read.__doc__ = f"The old name of `{new}`."
    return property(read)
