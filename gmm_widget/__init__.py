"""Fit Gaussian mixtures by hand and by EM, together, in a notebook.

This module only hands names on. They are looked up at first use (PEP 562), so that `import
gmm_widget` stays quick and the numerical core can be used where no notebook is installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gmm_widget.core.mixture import Mixture
    from gmm_widget.widget.widget import GMMWidget

    from .estimator import BayesianGaussianMixture, GaussianMixture, select
    from .magic import load_ipython_extension

__version__ = "0.1.0"

__all__ = [
    "BayesianGaussianMixture",
    "GMMWidget",
    "GaussianMixture",
    "Mixture",
    "__version__",
    "load_ipython_extension",
    "select",
]

_HOMES = {
    "BayesianGaussianMixture": ".estimator",
    "GMMWidget": ".widget",
    "GaussianMixture": ".estimator",
    "Mixture": ".core.mixture",
    "load_ipython_extension": ".magic",
    "select": ".estimator",
}


def __getattr__(name: str) -> object:
    """Return a public name from the module that defines it, importing that module once."""
    if name not in _HOMES:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}"
        )
    value: object = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names beside what is loaded already, so that completion shows them."""
    return sorted({*globals(), *__all__})
