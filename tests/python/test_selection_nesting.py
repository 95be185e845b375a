"""A cell of a selection is at least as high as every cell whose mixtures it includes."""

import numpy as np
import pytest

from gmm_widget import select
from gmm_widget.core.mixture import Mixture
from gmm_widget.datasets import old_faithful
from gmm_widget.selection.cell import FITTED
from gmm_widget.selection.selection import Selection

#: Nats per row that a cell may lack: what is left to gain where EM stops.
LEFT = 1e-6
WITHIN = [("spherical", "diag"), ("diag", "full"), ("tied", "full"), ("spherical", "full")]


def lacking(found: Selection, n: int) -> list[str]:
    """The cells that are below one of those they include."""
    fitted = {cell.key: cell for cell in found.cells if cell.status == FITTED}
    pairs = [((inner, k), (outer, k)) for inner, outer in WITHIN for k in found.counts]
    pairs += [((s, k), (s, k + 1)) for s in found.structures for k in found.counts]
    return [
        f"{inner} {fitted[inner].log_likelihood:.3f} > {outer} {fitted[outer].log_likelihood:.3f}"
        for inner, outer in pairs
        if inner in fitted
        and outer in fitted
        and fitted[inner].log_likelihood > fitted[outer].log_likelihood + LEFT * n
    ]


def table(seed: int) -> np.ndarray:
    """Overlapping groups of unlike shapes."""
    rng = np.random.default_rng(seed)
    d, k, n = int(rng.integers(2, 5)), int(rng.integers(3, 7)), int(rng.integers(150, 400))
    a = rng.normal(scale=0.8, size=(k, d, d))
    covariances = a @ a.swapaxes(1, 2) + 0.1 * np.eye(d)
    truth = Mixture(np.full(k, 1 / k), rng.normal(scale=2, size=(k, d)), covariances)
    return truth.sample(n, rng)[0]


@pytest.mark.parametrize("seed", range(12))
def test_no_cell_is_below_one_that_it_includes(seed):
    x = table(seed)
    assert not lacking(select(x, range(1, 8), n_init=1, random_state=seed), len(x))


def test_nor_on_a_sample_of_many_rows():
    truth = Mixture([0.5, 0.3, 0.2], [[0] * 5, [2] * 5, [0, 0, 3, 3, 0]], [np.eye(5)] * 3)
    x, _ = truth.sample(5000, np.random.default_rng(0))
    assert not lacking(select(x, range(1, 6), n_init=1, random_state=0), len(x))


def test_nor_on_the_geyser():
    x = old_faithful(as_frame=True).to_numpy()
    assert not lacking(select(x, range(1, 10), random_state=0), len(x))
