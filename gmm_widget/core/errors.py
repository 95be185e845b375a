"""Failures of a fit that a caller may want to distinguish from invalid input."""

from __future__ import annotations

from typing import final


@final
class SpuriousFitWarning(UserWarning):
    """The likelihood of a fit is owed to a few rows, or to rounding, in a component it names.

    Examples
    --------
    >>> import warnings
    >>> from gmm_widget import GaussianMixture, SpuriousFitWarning
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", SpuriousFitWarning)
    ...     GaussianMixture(2, random_state=0).fit([[0.0], [0.1], [0.2], [5.0], [5.1], [5.3]])
    GaussianMixture(n_components=2, random_state=0)
    """


@final
class CollapseError(ValueError):
    """A component can't be estimated any more: it has no weight or no variance left.

    Attributes
    ----------
    component : int
        Its index.
    cause, remedy : str
        What happened, and what to do about it.

    Examples
    --------
    >>> from gmm_widget import CollapseError, kmeans
    >>> try:
    ...     kmeans([[0.0], [1.0]], centres=[[0.0], [9.0]])
    ... except CollapseError as error:
    ...     print(error.component)
    1
    """

    def __init__(self, component: int, cause: str, remedy: str) -> None:
        super().__init__(component, cause, remedy)
        self.component = component
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        return f"component {self.component} collapsed: {self.cause}; {self.remedy}"
