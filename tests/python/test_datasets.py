"""The data sets that come with the package: complete, of known origin, and as described."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture as Reference

import gmm_widget.datasets as datasets
from gmm_widget.core.em import em
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure

FOLDER = Path(datasets.__file__).parent
LOADERS = [getattr(datasets, name) for name in datasets.__all__ if name != "Events"]


@pytest.mark.parametrize("load", LOADERS)
def test_each_loader_says_where_its_data_come_from(load) -> None:
    assert "Source:" in inspect.getdoc(load)


def test_each_file_has_its_origin_and_terms() -> None:
    text = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    files = [path.name for path in FOLDER.iterdir() if path.suffix in {".csv", ".npz"}]
    assert len(files) == 3
    assert all(f"`{name}`" in text for name in files)
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 300_000


@pytest.mark.parametrize("load", [datasets.old_faithful, datasets.penguins, datasets.knots])
def test_frames_hold_what_arrays_hold(load) -> None:
    frame, arrays = load(as_frame=True), load()
    assert list(frame.columns) == list(arrays)
    for name, values in arrays.items():
        np.testing.assert_array_equal(frame[name].to_numpy(), values)


def test_penguins_are_those_of_the_paper() -> None:
    """Counts of the species, without the two that were not measured (Gorman and others 2014)."""
    birds = datasets.penguins(as_frame=True)
    counts = birds["species"].value_counts().to_dict()
    assert counts == {"Adelie": 151, "Gentoo": 123, "Chinstrap": 68}
    assert np.isfinite(birds.iloc[:, :4].to_numpy(dtype=float)).all()


def test_marrow_can_be_compensated() -> None:
    """The spillover matrix has ones on its diagonal and can be inverted; the columns fit it."""
    events = datasets.marrow(as_frame=True)
    dyes = list(events.raw.columns[2:])
    assert events.raw.shape == (8342, 10)
    assert events.spill.shape == (len(dyes), len(dyes))
    np.testing.assert_array_equal(np.diag(events.spill), 1)
    assert np.linalg.cond(events.spill) < 10
    assert events.markers["PerCP-A"] == "CD45"
    assert set(events.markers) <= set(dyes)


def test_knots_mislead_the_automatic_fit_and_not_the_hand() -> None:
    """Ten starts of scikit-learn end far below where EM ends from the knots themselves."""
    held = datasets.knots()
    x = np.column_stack([held["x"], held["y"]])
    automatic = Reference(4, n_init=10, tol=1e-6, max_iter=2000, random_state=0).fit(x)
    groups = [x[held["knot"] == label] for label in range(4)]
    start = Mixture(
        [len(group) / len(x) for group in groups],
        [group.mean(axis=0) for group in groups],
        [np.cov(group.T) for group in groups],
    )
    *_, last = em(Points.of(x), start, structure("full"))
    assert last.log_likelihood > automatic.score(x) * len(x) + 100
    assert np.abs(last.mixture.means[1:] - start.means[1:]).max() < 0.1
