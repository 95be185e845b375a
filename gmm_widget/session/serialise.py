"""The state of a session as values for JSON, and back; everything read is checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, final

import numpy as np

from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.structure import structure as structure_named
from gmm_widget.session.edits import LOCKABLE, MAX_COMPONENTS
from gmm_widget.session.session import Session
from gmm_widget.session.settings import Settings
from gmm_widget.session.state import State

FORMAT = "gmm_widget 1"
MAX_TEXT = 64 * 2**20  # characters; a mixture of 200 components in 64 columns has 16 million
MAX_ID = 10**6


@final
class Saved(NamedTuple):
    """A saved fit: state, settings, columns, the positions of the two shown, and resolution."""

    state: State
    settings: Settings
    columns: tuple[str, ...]
    dims: tuple[int, ...]
    resolution: list[float] | None


def describe(session: Session, columns: Sequence[str], dims: Sequence[int]) -> dict[str, Any]:
    """The current state, settings and columns as values for JSON."""
    state, settings, resolution = session.state, session.settings, session.points.resolution
    locks = state.locks
    flags = (locks.means, locks.covariances, locks.weights)
    return {
        "format": FORMAT,
        "mixture": state.mixture.to_json(),
        "covariance_type": state.structure.name,
        "ids": list(state.ids),
        "locks": {name: flag.tolist() for name, flag in zip(LOCKABLE, flags, strict=True)},
        "regularisation": settings.regularisation,
        "tolerance": settings.tolerance,
        "resolution": None if resolution is None else resolution.tolist(),
        "columns": list(columns),
        "dims": list(dims),
    }


def read(content: str | Mapping[str, Any]) -> Saved:
    """Read what `describe` gave, as a mapping or as JSON text; ValueError names what is wrong."""
    if isinstance(content, str):
        if len(content) > MAX_TEXT:
            raise ValueError(f"the text is longer than {MAX_TEXT} characters: not a saved fit")
        content = json.loads(content)
    if not isinstance(content, Mapping) or content.get("format") != FORMAT:
        raise ValueError(f"not a saved fit: field 'format' must be {FORMAT!r}")
    parts = content.get("mixture")
    if not isinstance(parts, Mapping):
        raise ValueError("field 'mixture' must hold weights, means and covariances")
    mixture = Mixture.from_json(parts)
    k, d = mixture.n_components, mixture.n_features
    if k > MAX_COMPONENTS:
        raise ValueError(f"the mixture has {k} components; at most {MAX_COMPONENTS} can be shown")
    ids = _distinct_integers(content.get("ids"), k, MAX_ID, "ids")
    flags = content.get("locks")
    locks = Locks(*(_flags(flags, name, k) for name in LOCKABLE))
    state = State.of(mixture, structure_named(str(content.get("covariance_type"))))
    settings = Settings(_number(content, "regularisation", 1e3), _number(content, "tolerance", 1e3))
    dims = _distinct_integers(content.get("dims"), 2, d - 1, "dims")
    saved = replace(state, ids=ids, locks=locks)
    return Saved(saved, settings, _names(content, d), dims, _resolution(content, d))


def _distinct_integers(value: Any, size: int, most: int, key: str) -> tuple[int, ...]:
    """Different whole numbers from 0 to `most`."""
    good = isinstance(value, list) and len(value) == size and len(set(map(str, value))) == size
    if not good or not all(type(v) is int and 0 <= v <= most for v in value):
        raise ValueError(f"field {key!r} must be {size} different whole numbers of 0 to {most}")
    return tuple(value)


def _flags(value: Any, name: str, k: int) -> np.ndarray:
    flags = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(flags, list) or len(flags) != k or not all(type(f) is bool for f in flags):
        raise ValueError(f"field 'locks' must hold {k} times true or false for {name!r}")
    return np.array(flags, dtype=np.bool_)


def _number(content: Mapping[str, Any], key: str, most: float) -> float:
    value = content.get(key)
    if type(value) not in (int, float) or not 0 <= value <= most:  # type: ignore[operator]
        raise ValueError(f"field {key!r} must be a number of 0 to {most:g}, got {value!r}")
    return float(value)  # type: ignore[arg-type]


def _resolution(content: Mapping[str, Any], d: int) -> list[float] | None:
    """The step of each column; None in what was saved without it, or if no column is rounded."""
    steps = content.get("resolution")
    if steps is None:
        return None
    if not isinstance(steps, list) or len(steps) != d:
        raise ValueError(f"field 'resolution' must be {d} numbers, or null")
    return [_number({"resolution": step}, "resolution", 1e300) for step in steps]


def _names(content: Mapping[str, Any], d: int) -> tuple[str, ...]:
    names = content.get("columns")
    if not isinstance(names, list) or len(names) != d or not all(type(n) is str for n in names):
        raise ValueError(f"field 'columns' must be {d} names")
    return tuple(names)
