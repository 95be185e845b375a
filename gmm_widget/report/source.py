"""A fit as Python source: executed, it gives the same mixture exactly, and how it was reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, final

from gmm_widget.core.mixture import Mixture

_SOURCE = '''\
"""A Gaussian mixture fitted by hand and EM in gmm_widget."""

import numpy as np
from gmm_widget import GMMWidget, Mixture

history = {label!r}
columns = {columns!r}
covariance_type = {kind!r}
settings = {settings!r}
locks = {locks!r}

# Where it started.
start = {start}

# Where it is.
mixture = {mixture}


def widget(data):
    """The widget on these data, with the fit and its locks."""
    w = GMMWidget(data, covariance_type=covariance_type, mixture=mixture, **settings)
    for component, what in locks:
        w.lock(component, what)
    return w
'''


@final
class Fit(NamedTuple):
    """What the source holds: `locks` are (position, what), `settings` arguments of GMMWidget."""

    mixture: Mixture
    start: Mixture
    covariance_type: str
    columns: Sequence[str]
    locks: Sequence[tuple[int, str]]
    settings: Mapping[str, Any]
    label: str


def source(fit: Fit) -> str:
    """The fit as a module's source; numbers are written so that they are read back exactly."""
    return _SOURCE.format(
        label=fit.label,
        columns=list(fit.columns),
        kind=fit.covariance_type,
        settings=dict(fit.settings),
        locks=list(fit.locks),
        start=_written(fit.start),
        mixture=_written(fit.mixture),
    )


def _written(mixture: Mixture) -> str:
    parts = mixture.to_json()
    lines = "".join(
        f"    {name}=np.array({_rows(parts[name])}),\n"
        for name in ("weights", "means", "covariances")
    )
    return f"Mixture(\n{lines})"


def _rows(value: Any) -> str:
    """Nested lists with a line a component."""
    if not isinstance(value[0], list):
        return repr(value)
    return "[\n" + "".join(f"        {row!r},\n" for row in value) + "    ]"
