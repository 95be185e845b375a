"""The values that each argument of the constructor may have.

They are checked by `fit`, not before, as scikit-learn's tools that copy and change estimators
expect.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from gmm_widget.bayes.weights_prior import WEIGHT_PRIORS
from gmm_widget.core.structure import STRUCTURES

INITS = ("search", "kmeans", "k-means++", "random", "random_from_data")
ALGORITHMS = ("auto", "exact", "cells")


class Rule(NamedTuple):
    """A test of a value, and a description of the values that pass."""

    holds: Callable[[Any], bool]
    description: Callable[[], str]


def _rule(holds: Callable[[Any], bool], words: str) -> Rule:
    return Rule(holds, lambda: words)


def _integer(least: int) -> Rule:
    return _rule(
        lambda v: isinstance(v, Integral) and not isinstance(v, bool) and int(v) >= least,
        f"an int in the range [{least}, inf)",
    )


def _real(least: float) -> Rule:
    return _rule(
        lambda v: isinstance(v, Real) and not isinstance(v, bool) and least <= float(v) < math.inf,
        f"a float in the range [{least}, inf)",
    )


def _one_of(names: Iterable[str]) -> Rule:
    """A name among these, which may be a registry that grows."""
    return Rule(
        lambda v: isinstance(v, str) and v in names,
        lambda: f"a str among {{{', '.join(map(repr, names))}}}",
    )


def _is_random(value: Any) -> bool:
    kinds = (np.random.RandomState, np.random.Generator)
    if isinstance(value, Integral) and not isinstance(value, bool):
        return 0 <= int(value) < 2**32
    return value is None or isinstance(value, kinds)


_BOOLEAN = _rule(lambda v: isinstance(v, bool | np.bool_), "an instance of 'bool'")
_ARRAY = _rule(
    lambda v: v is None or (hasattr(v, "__len__") and not isinstance(v, str | bytes | dict)),
    "an array-like or None",
)

_RANDOM = _rule(
    _is_random,
    "an int in the range [0, 4294967295], an instance of 'numpy.random.RandomState' or "
    "'numpy.random.Generator', or None",
)
_VERBOSE = _rule(
    lambda v: isinstance(v, bool | np.bool_) or (isinstance(v, Integral) and int(v) >= 0),
    "an int in the range [0, inf) or an instance of 'bool'",
)

_RESOLUTION = Rule(
    lambda v: (
        v is None
        or (isinstance(v, str) and v == "auto")
        or (isinstance(v, Real) and not isinstance(v, bool) and 0 <= float(v) < math.inf)
        or (hasattr(v, "__len__") and not isinstance(v, str | bytes))
    ),
    lambda: "'auto', None, a float of 0 or more, or one of these per column",
)

RULES = {
    "n_components": _integer(1),
    "covariance_type": _one_of(STRUCTURES),
    "tol": _real(0.0),
    "reg_covar": _real(0.0),
    "max_iter": _integer(0),
    "n_init": _integer(1),
    "init_params": _one_of(INITS),
    "weights_init": _ARRAY,
    "means_init": _ARRAY,
    "precisions_init": _ARRAY,
    "random_state": _RANDOM,
    "warm_start": _BOOLEAN,
    "verbose": _VERBOSE,
    "verbose_interval": _integer(1),
    "algorithm": _one_of(ALGORITHMS),
    "covariances_init": _ARRAY,
    "labels_init": _ARRAY,
    "responsibilities_init": _ARRAY,
    "allow_spurious": _BOOLEAN,
    "resolution": _RESOLUTION,
}

_POSITIVE = _rule(
    lambda v: (
        v is None or (isinstance(v, Real) and not isinstance(v, bool) and 0 < float(v) < math.inf)
    ),
    "a float in the range (0.0, inf) or None",
)


def _conjugate() -> list[str]:
    """Structures that a Bayesian mixture can have: the others have no conjugate prior."""
    return [name for name, kind in STRUCTURES.items() if kind.precision_blocks(2) is not None]


BAYESIAN_RULES = {
    **{name: RULES[name] for name in ("n_components", "tol", "reg_covar", "max_iter", "n_init")},
    "covariance_type": Rule(
        lambda v: isinstance(v, str) and v in _conjugate(),
        lambda: f"a str among {{{', '.join(map(repr, _conjugate()))}}}",
    ),
    "init_params": _one_of([name for name in INITS if name != "search"]),
    "weight_concentration_prior_type": _one_of(WEIGHT_PRIORS),
    "weight_concentration_prior": _POSITIVE,
    "mean_precision_prior": _POSITIVE,
    "mean_prior": _ARRAY,
    "degrees_of_freedom_prior": _POSITIVE,
    "covariance_prior": _rule(
        lambda v: _ARRAY.holds(v) or _POSITIVE.holds(v), "an array-like, a positive float, or None"
    ),
    "responsibilities_init": _ARRAY,
    "algorithm": RULES["algorithm"],
    "random_state": _RANDOM,
    "warm_start": _BOOLEAN,
    "verbose": _VERBOSE,
    "verbose_interval": _integer(1),
}


def check(params: dict[str, Any], wanted: dict[str, Rule], name: str) -> None:
    """ValueError for the first argument that breaks its rule, and for starts that conflict."""
    for parameter, rule in wanted.items():
        value = params[parameter]
        if not rule.holds(value):
            raise ValueError(
                f"The {parameter!r} parameter of {name} must be {rule.description()}. "
                f"Got {value!r} instead."
            )
    _refuse_conflicts({key: params.get(key) for key in RULES if key.endswith("_init")})


def _refuse_conflicts(params: dict[str, Any]) -> None:
    """ValueError for starts that exclude each other."""
    given = [key for key in ("labels_init", "responsibilities_init") if params[key] is not None]
    parts = ("weights_init", "means_init", "precisions_init", "covariances_init")
    given_parts = [key for key in parts if params[key] is not None]
    if len(given) > 1 or (given and given_parts):
        raise ValueError(
            f"{' and '.join(given + given_parts)} are starts that exclude each other; give one"
        )
    if params["precisions_init"] is not None and params["covariances_init"] is not None:
        raise ValueError("give precisions_init or covariances_init, not both")
