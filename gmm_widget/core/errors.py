"""Errors and warnings that a caller may want to tell from those of invalid input."""

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
class FewRowsWarning(UserWarning):
    """A mixture has more free parameters than there are rows, so that it may fit noise.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from gmm_widget import FewRowsWarning, GaussianMixture
    >>> x = np.random.default_rng(0).normal(size=(40, 6))
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     model = GaussianMixture(2, random_state=0).fit(x)
    >>> any(issubclass(warning.category, FewRowsWarning) for warning in caught)
    True
    """


class ConvergenceWarning(UserWarning):
    """EM or variational inference ran out of steps before it had converged.

    Once scikit-learn has been imported, the warning is of its class of this name too.

    Examples
    --------
    >>> import warnings
    >>> from gmm_widget import ConvergenceWarning, GaussianMixture
    >>> x = [[0.0], [1.0], [2.0], [4.0], [5.0], [7.0]]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     model = GaussianMixture(2, max_iter=1, init_params="kmeans", random_state=0).fit(x)
    >>> any(issubclass(warning.category, ConvergenceWarning) for warning in caught)
    True
    """


class NotFittedError(ValueError, AttributeError):
    """A method of an estimator was called that needs `fit` first.

    Once scikit-learn has been imported, the error is of its class of this name too.

    Examples
    --------
    >>> from gmm_widget import GaussianMixture, NotFittedError
    >>> try:
    ...     GaussianMixture(2).predict([[0.0]])
    ... except NotFittedError:
    ...     print("call fit first")
    call fit first
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
