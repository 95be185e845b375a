"""Fit Gaussian mixtures by hand and by EM, together, in a notebook.

Public names are imported at first use (PEP 562), so that `import gmm_widget` is fast and the
numerical core can be used where no notebook is installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gmm_widget.analysis.kmeans import kmeans, tempered
    from gmm_widget.analysis.labels import labelled
    from gmm_widget.analysis.outliers import density_grid, density_level, outliers
    from gmm_widget.core.errors import (
        CollapseError,
        ConvergenceWarning,
        FewRowsWarning,
        NotFittedError,
        SpuriousFitWarning,
    )
    from gmm_widget.core.mixture import Mixture
    from gmm_widget.estimator import BayesianGaussianMixture, GaussianMixture, select
    from gmm_widget.magic import load_ipython_extension
    from gmm_widget.widget import GMMWidget

__version__ = "0.1.0"

__all__ = [
    "BayesianGaussianMixture",
    "CollapseError",
    "ConvergenceWarning",
    "FewRowsWarning",
    "GMMWidget",
    "GaussianMixture",
    "Mixture",
    "NotFittedError",
    "SpuriousFitWarning",
    "__version__",
    "density_grid",
    "density_level",
    "kmeans",
    "labelled",
    "load_ipython_extension",
    "outliers",
    "select",
    "tempered",
]

_HOMES = {
    "BayesianGaussianMixture": ".estimator",
    "CollapseError": ".core.errors",
    "ConvergenceWarning": ".core.errors",
    "GMMWidget": ".widget",
    "GaussianMixture": ".estimator",
    "Mixture": ".core.mixture",
    "NotFittedError": ".core.errors",
    "FewRowsWarning": ".core.errors",
    "SpuriousFitWarning": ".core.errors",
    "density_grid": ".analysis.outliers",
    "density_level": ".analysis.outliers",
    "kmeans": ".analysis.kmeans",
    "labelled": ".analysis.labels",
    "load_ipython_extension": ".magic",
    "outliers": ".analysis.outliers",
    "select": ".estimator",
    "tempered": ".analysis.kmeans",
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
