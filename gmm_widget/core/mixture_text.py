"""A mixture as text: a line for each component."""

from __future__ import annotations

from .linalg import Array

#: Components, and columns of each, that are shown.
_MAX_PRINTED = 12


def mixture_text(weights: Array, means: Array, deviations: Array) -> str:
    """Weights (K,), means (K, D) and standard deviations (K, D), of at most twelve each."""
    k, d = means.shape
    rows = [f"Mixture of {k} component{'s' * (k > 1)} in {d} column{'s' * (d > 1)}"]
    for i in range(min(k, _MAX_PRINTED)):
        mean, sd = _listed(means[i]), _listed(deviations[i])
        rows.append(f"  {i}: weight {weights[i]:.4g}, mean {mean}, sd {sd}")
    return "\n".join([*rows, *(["  ..."] if k > _MAX_PRINTED else [])])


def _listed(values: Array) -> str:
    shown = [f"{value:.4g}" for value in values[:_MAX_PRINTED]]
    return f"[{', '.join([*shown, *(['...'] if len(values) > _MAX_PRINTED else [])])}]"
