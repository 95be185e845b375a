"""What scikit-learn's tools ask of an estimator: parameters, tags, a representation, exceptions.

Written out here, so that scikit-learn need not be installed. Errors and warnings are those of
`gmm_widget.core.errors`; once scikit-learn has been imported they are instances of its classes too.
"""

from __future__ import annotations

import inspect
import sys
from functools import cache
from typing import Any

from gmm_widget.core.errors import ConvergenceWarning, NotFittedError


def not_fitted(name: str) -> Exception:
    """The error for a method that needs `fit` first."""
    error: Exception = _with_sklearn(NotFittedError)(
        f"This {name} instance is not fitted yet. Call 'fit' with appropriate arguments before "
        "using this estimator."
    )
    return error


def convergence_warning() -> type[Warning]:
    """The category of the warning that EM ran out of steps."""
    kind: type[Warning] = _with_sklearn(ConvergenceWarning)
    return kind


def _with_sklearn(kind: type) -> Any:
    """The class itself, or one that is scikit-learn's of that name too."""
    exceptions = sys.modules.get("sklearn.exceptions")
    return kind if exceptions is None else _joined(kind, getattr(exceptions, kind.__name__))


@cache
def _joined(ours: type, theirs: type) -> type:
    """A class of both kinds, whose instances can be pickled."""
    body = {
        "__module__": ours.__module__,
        "__reduce__": lambda self: (_instance, (ours, self.args)),
    }
    return type(ours.__name__, (ours, theirs), body)


def _instance(kind: type, args: tuple[Any, ...]) -> Any:
    return _with_sklearn(kind)(*args)


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
