"""Failures of a fit that a caller may want to distinguish from invalid input."""

from __future__ import annotations

from typing import final


@final
class SpuriousFitWarning(UserWarning):
    """The likelihood of a fit is owed to a few rows, or to rounding, in a component it names."""


@final
class CollapseError(ValueError):
    """A component can't be estimated any more: it has no weight or no variance left.

    `component` is its index, `cause` says what happened, `remedy` what to do about it.
    """

    def __init__(self, component: int, cause: str, remedy: str) -> None:
        super().__init__(component, cause, remedy)
        self.component = component
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        return f"component {self.component} collapsed: {self.cause}; {self.remedy}"
