"""Read-only arrays: a value shared by histories, threads and caches must never change."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Class = TypeVar("Class", bound=type)
AnyArray = TypeVar("AnyArray", bound="NDArray[Any]")


def read_only(value: Any) -> NDArray[np.float64]:
    """A read-only float64 copy."""
    return locked(np.array(value, dtype=np.float64, order="C"))


def locked(array: AnyArray) -> AnyArray:
    """The same array made read-only, for a caller who has just made it."""
    array.setflags(write=False)
    return array


def frozen_fields(cls: Class) -> Class:
    """Class decorator, below `dataclass(frozen=True)`: fields are read-only to the bottom.

    Arrays become read-only views, so the arrays that the value was made of stay writable for
    whoever owns them; dicts become read-only copies. Unlike those of plain frozen dataclasses,
    copied and unpickled values are read-only too.
    """
    check = cls.__dict__.get("__post_init__")

    def __post_init__(self: Any) -> None:
        if check is not None:
            check(self)
        _freeze(self.__dict__)

    def __getstate__(self: Any) -> dict[str, Any]:
        proxies = {k: dict(v) for k, v in self.__dict__.items() if isinstance(v, MappingProxyType)}
        return {**self.__dict__, **proxies}

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        _freeze(self.__dict__)

    for method in (__post_init__, __getstate__, __setstate__):
        setattr(cls, method.__name__, method)
    return cls


def _freeze(values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            if value.flags.writeable:
                values[name] = locked(value.view())
        elif isinstance(value, dict):
            values[name] = MappingProxyType(dict(value))
