"""The search over k and structures itself: given up and taken up, many rows, unusual structures."""

import numpy as np
import pytest
from structure_help import OneVolume

from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.datasets import old_faithful
from gmm_widget.estimator import select
from gmm_widget.selection.fit_cells import Question, choosing
from gmm_widget.selection.selection import collected

ROWS = old_faithful(as_frame=True).to_numpy()


def test_many_rows_of_many_columns_are_searched_in_a_sample():
    truth = Mixture([0.6, 0.4], [[0] * 5, [3] * 5], [np.eye(5), 2 * np.eye(5)])
    x, _ = truth.sample(6000, np.random.default_rng(0))
    found = select(x, (1, 2, 3), ("spherical", "full"), n_init=2, random_state=0)
    assert found.best().key == ("spherical", 2)
    assert found.best().log_likelihood >= truth.log_density(x).sum()


def test_it_is_given_up_and_taken_up_again():
    points = Points.of(ROWS)
    asked = Question((1, 2, 3), tuple(structure(n) for n in ("tied", "full")), ("bic",), 2)
    whole = _drained(choosing(points, asked))[1]

    class Stopped(Exception):
        pass

    passes = 0

    def poll():
        nonlocal passes
        passes += 1
        if passes == 60:
            raise Stopped

    cells = []
    with pytest.raises(Stopped):
        cells.extend(iter_into(cells, choosing(points, asked, poll=poll)))
    part = collected(cells, ("tied", "full"), ("bic",), points.total_weight)
    assert 0 < len(part.cells) < asked.size
    assert part.best().mixture is not None
    fresh, again = _drained(choosing(points, asked, known=cells))
    assert not {c.key for c in cells} - {c.key for c in again.cells}
    for one, other in zip(whole.cells, again.cells, strict=True):
        assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-9)
    assert len(fresh) >= asked.size - len(part.cells)
    assert _drained(choosing(points, asked, known=again.cells))[0] == []


def iter_into(cells, going):
    """Append what is yielded at once, so that it is there when the generator raises."""
    for cell in going:
        cells.append(cell)
    return []


def _drained(going):
    cells = []
    while True:
        try:
            cells.append(next(going))
        except StopIteration as end:
            return cells, end.value


def test_a_seed_makes_it_repeatable_and_many_rows_are_no_other_matter():
    truth = Mixture([0.6, 0.4], [[0, 0], [5, 1]], [np.eye(2), np.diag([0.5, 2.0])])
    x, _ = truth.sample(60_000, np.random.default_rng(0))
    a = select(x, range(1, 4), ("diag", "full"), random_state=7)
    b = select(x, range(1, 4), ("diag", "full"), random_state=7)
    assert [c.mixture for c in a.cells] == [c.mixture for c in b.cells]
    assert a.best().key == ("diag", 2)
    cell = a.best()
    assert cell.log_likelihood == pytest.approx(cell.mixture.log_density(x).sum(), rel=1e-9)
    assert cell.log_likelihood >= truth.log_density(x).sum()


def test_a_structure_that_ties_volumes_alone_is_served_as_well():
    # as mclust 6.0.0 prints the BIC of EVI, with the sign changed
    printed = [3055.835, 2352.618, 2332.205, 2334.749, 2347.564, 2357.660]
    question = Question(tuple(range(1, 7)), (OneVolume(), structure("diag")), ("bic",), seed=3)
    found = _drained(choosing(Points.of(ROWS), question))[1]
    for k, other in enumerate(printed, start=1):
        cell = found.cell(k, "one volume")
        assert cell.scores["bic"] <= other + 1e-3
        volumes = np.linalg.det(cell.mixture.covariances)
        np.testing.assert_allclose(volumes, volumes[0], rtol=1e-6)
        assert cell.log_likelihood <= found.cell(k, "diag").log_likelihood + 1e-6
