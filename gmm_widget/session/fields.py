"""Fields: what a value from outside may be, for messages and the arguments of commands.

A field checks a value in Python and says its type in TypeScript, so that both sides and the
tests that make up messages have it from one place.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

MAX_COUNTER = 2**53 - 1  # the largest whole number that JavaScript counts to
MAX_NUMBER = 1e300


class Field(ABC):
    """An interface: the values that a field may have."""

    @abstractmethod
    def read(self, value: Any, name: str) -> Any:
        """The value, as Python code takes it; ValueError names the field."""

    @property
    @abstractmethod
    def typescript(self) -> str:
        """Its type in TypeScript."""


@final
@dataclass(frozen=True)
class Integer(Field):
    """A whole number in a range."""

    typescript = "number"

    least: int = 0
    most: int = MAX_COUNTER

    def read(self, value: Any, name: str) -> int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not self.least <= value <= self.most:
            raise ValueError(
                f"field {name!r} must be a whole number of {self.least} to {self.most}, "
                f"got {shown(value)}"
            )
        return int(value)


@final
@dataclass(frozen=True)
class Number(Field):
    """A finite number; how large it may be is for the command to say."""

    typescript = "number"

    def read(self, value: Any, name: str) -> float:
        if not _is_finite(value):
            raise ValueError(f"field {name!r} must be a finite number, got {shown(value)}")
        return float(value)


@final
@dataclass(frozen=True)
class Boolean(Field):
    """True or false."""

    typescript = "boolean"

    def read(self, value: Any, name: str) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"field {name!r} must be true or false, got {shown(value)}")
        return value


@final
@dataclass(frozen=True)
class Text(Field):
    """A text that is not empty, and no longer than this."""

    typescript = "string"

    longest: int

    def read(self, value: Any, name: str) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= self.longest:
            raise ValueError(
                f"field {name!r} must be a text of 1 to {self.longest} characters, "
                f"got {shown(value)}"
            )
        return value


@final
@dataclass(frozen=True)
class Choice(Field):
    """One of some texts."""

    options: tuple[str, ...]

    def read(self, value: Any, name: str) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise ValueError(f"field {name!r} must be one of {self.options}, got {shown(value)}")
        return value

    @property
    def typescript(self) -> str:
        return " | ".join(f'"{option}"' for option in self.options)


@final
@dataclass(frozen=True)
class ListOf(Field):
    """A list of so many values of one kind."""

    item: Field
    least: int
    most: int

    def read(self, value: Any, name: str) -> list[Any]:
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            count = f"{self.least}" + (f" to {self.most}" if self.most > self.least else "")
            raise ValueError(f"field {name!r} must be a list of length {count}, got {shown(value)}")
        return [self.item.read(each, name) for each in value]

    @property
    def typescript(self) -> str:
        inner = self.item.typescript
        return f"readonly ({inner})[]" if "|" in inner or " " in inner else f"readonly {inner}[]"


@final
@dataclass(frozen=True)
class Nullable(Field):
    """A value of a kind, or null."""

    item: Field

    def read(self, value: Any, name: str) -> Any:
        return None if value is None else self.item.read(value, name)

    @property
    def typescript(self) -> str:
        return f"{self.item.typescript} | null"


@final
@dataclass(frozen=True)
class Object(Field):
    """Named values, each checked by whoever knows what they are; null stands for none."""

    typescript = "Readonly<Record<string, unknown>>"

    def read(self, value: Any, name: str) -> Mapping[str, Any]:
        if value is not None and not isinstance(value, Mapping):
            raise ValueError(f"field {name!r} must be an object, got {shown(value)}")
        return value or {}


@final
@dataclass(frozen=True)
class Fields:
    """Named fields: those that there must be, and those that may be left out."""

    needed: Mapping[str, Field]
    optional: Mapping[str, Field]

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the fields that are given; others are not looked at."""
        for name in self.needed:
            if name not in given:
                raise ValueError(f"field {name!r} is missing")
        known = {**self.needed, **self.optional}
        return {name: known[name].read(given[name], name) for name in known if name in given}

    def joined(self, more: Fields) -> Fields:
        """These and more fields."""
        return Fields({**more.needed, **self.needed}, {**more.optional, **self.optional})

    def only(self, given: Any, what: str) -> Mapping[str, Any]:
        """The mapping, if it has all the needed fields and none that is unknown."""
        known = {*self.needed, *self.optional}
        if not isinstance(given, Mapping) or not set(self.needed) <= set(given) <= known:
            raise ValueError(f"{what} takes the arguments {sorted(known)}")
        return given


def shown(value: Any) -> str:
    """A value as it stands in an error message."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _is_finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < MAX_NUMBER and math.isfinite(value)
