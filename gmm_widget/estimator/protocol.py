"""What scikit-learn's tools ask of an estimator: parameters, tags, a representation, exceptions.

Written out here, so that scikit-learn need not be installed; where it is, its own classes of
exceptions and tags are used.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any


def _sklearn(module: str) -> Any:
    """A module of scikit-learn if it has been imported already, else None."""
    return sys.modules.get(f"sklearn.{module}")


class NotFitted(ValueError, AttributeError):
    """Used in place of scikit-learn's NotFittedError where that isn't there."""


class NotConverged(UserWarning):
    """Used in place of scikit-learn's ConvergenceWarning where that isn't there."""


def not_fitted(name: str) -> Exception:
    """The error for a method that needs `fit` first."""
    exceptions = _sklearn("exceptions")
    kind: type[Exception] = NotFitted if exceptions is None else exceptions.NotFittedError
    return kind(
        f"This {name} instance is not fitted yet. Call 'fit' with appropriate arguments before "
        "using this estimator."
    )


def not_converged() -> type[Warning]:
    """The category of the warning that EM ran out of steps."""
    exceptions = _sklearn("exceptions")
    kind: type[Warning] = NotConverged if exceptions is None else exceptions.ConvergenceWarning
    return kind


def defaults(kind: type) -> dict[str, Any]:
    """The arguments of a class's constructor and their defaults, in order."""
    parameters = inspect.signature(kind).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters}


def params_of(estimator: Any) -> dict[str, Any]:
    """The arguments of the constructor as they are now."""
    return {name: getattr(estimator, name) for name in sorted(defaults(type(estimator)))}


def change_params(estimator: Any, params: dict[str, Any]) -> None:
    """Change arguments of the constructor; ValueError for a name that it doesn't have."""
    known = defaults(type(estimator))
    for name in params:
        if name not in known:
            raise ValueError(
                f"Invalid parameter {name!r} for estimator {estimator!r}. "
                f"Valid parameters are: {sorted(known)!r}."
            )
    for name, value in params.items():
        setattr(estimator, name, value)


def representation(estimator: Any) -> str:
    """The constructor's call, with the arguments that differ from their defaults."""
    changed = []
    for name, default in defaults(type(estimator)).items():
        value = getattr(estimator, name)
        if value is not default and repr(value) != repr(default):
            changed.append(f"{name}={_short(repr(value))}")
    return f"{type(estimator).__name__}({', '.join(changed)})"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def tags() -> Any:
    """scikit-learn's tags of a density estimator. Only scikit-learn asks for them."""
    from sklearn.utils import InputTags, Tags, TargetTags

    return Tags(
        estimator_type="density_estimator",
        target_tags=TargetTags(required=False),
        transformer_tags=None,
        classifier_tags=None,
        regressor_tags=None,
        input_tags=InputTags(),
    )
