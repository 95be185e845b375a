"""Data in a file larger than the memory that a fit takes: read in blocks, never as a whole."""

import tracemalloc

import numpy as np
import pytest

from gmm_widget import GaussianMixture
from gmm_widget.core.binning import bin_points
from gmm_widget.core.em import em
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure

ROWS, COLUMNS = 4_000_000, 4
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> np.memmap:
    """122 MB of two clusters on disk."""
    path = tmp_path_factory.mktemp("data") / "rows.npy"
    rng = np.random.default_rng(0)
    out = np.lib.format.open_memmap(path, "w+", np.float64, (ROWS, COLUMNS))
    for start in range(0, ROWS, 250_000):
        block = out[start : start + 250_000]
        block[:] = rng.standard_normal(block.shape)
        block[::3] += 6.0
    out.flush()
    return np.load(path, mmap_mode="r")


def peak_of(work) -> float:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def first(d: int) -> Mixture:
    return Mixture([0.5, 0.5], np.outer([0.0, 5.0], np.ones(d)), np.repeat([np.eye(d)], 2, axis=0))


def test_exact_steps_on_a_file_take_a_fraction_of_its_size(stored, monkeypatch):
    assert stored.nbytes > 120 * MEGABYTE
    ends = []

    def fit():
        *_, end = em(Points.of(stored), first(COLUMNS), structure("full"), max_steps=3)
        ends.append(end)

    assert peak_of(fit) < stored.nbytes / 2
    monkeypatch.setattr("gmm_widget.core.passes.threads.usable_cores", lambda: 1)
    assert peak_of(fit) < 20 * MEGABYTE
    held = np.array(stored)
    *_, end = em(Points.of(held), first(COLUMNS), structure("full"), max_steps=3)
    assert ends[0].mixture == end.mixture


def test_cells_of_a_file_take_a_fraction_of_its_size(stored):
    plane = stored[:, :2]
    assert peak_of(lambda: bin_points(Points.of(plane))) < 20 * MEGABYTE


def test_the_estimator_fits_a_file(stored):
    models = []

    def fit():
        model = GaussianMixture(2, random_state=0, n_init=2)
        models.append(model.fit(stored))

    assert peak_of(fit) < 20 * MEGABYTE
    means = np.sort(models[0].means_[:, 0])
    np.testing.assert_allclose(means, [0, 6], atol=0.02)  # ten standard errors
