"""Choosing k and the structure: beside mclust in every cell, scores, laws, and being given up."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture as Peer

import gmm_widget
from gmm_widget.choose.choosing import Question, choosing
from gmm_widget.choose.selection import collected
from gmm_widget.core import STRUCTURES, Mixture, Points, structure
from gmm_widget.core.structure import Structure
from gmm_widget.datasets import old_faithful
from gmm_widget.estimator import select
from gmm_widget.estimator.shapes import SHAPES

FAITHFUL = old_faithful(as_frame=True)
ROWS = FAITHFUL.to_numpy()
MCLUST = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "mclust_faithful.json").read_text(encoding="utf-8")
)["cells"]
NAMES = ("spherical", "diag", "tied", "full")


@pytest.fixture(scope="module")
def faithful():
    return select(FAITHFUL, range(1, 10), NAMES, random_state=0)


def test_every_cell_is_at_least_as_high_as_mclusts(faithful):
    assert len(faithful.cells) == 36
    below = {
        cell.key: cell.log_likelihood - MCLUST[f"{cell.structure}/{cell.k}"]["log_likelihood"]
        for cell in faithful.cells
    }
    assert min(below.values()) > -1e-6 * len(ROWS), below
    assert all(
        cell.n_parameters == MCLUST[f"{cell.structure}/{cell.k}"]["n_parameters"]
        for cell in faithful.cells
    )


def test_the_winner_is_the_published_one(faithful):
    best = faithful.best()
    assert best.key == ("tied", 3)
    assert best.scores["bic"] == pytest.approx(2314.29568, abs=1e-4)
    assert best.log_likelihood == pytest.approx(-1126.31593, abs=1e-4)


def test_icl_is_mclusts_where_mclust_has_found_the_same_maximum(faithful):
    same = 0
    for cell in faithful.cells:
        other = MCLUST[f"{cell.structure}/{cell.k}"]
        if abs(cell.log_likelihood - other["log_likelihood"]) < 1e-4:
            assert cell.scores["icl"] == pytest.approx(other["icl"], abs=0.05)
            same += 1
    assert same > 5


def test_scores_are_scikit_learns_on_the_same_fits(faithful):
    for cell in faithful.cells:
        model = Peer(cell.k, covariance_type=cell.structure)
        packed = SHAPES[cell.structure]
        whiteners = cell.mixture.factors.whiteners.transpose(0, 2, 1)
        model.weights_, model.means_ = cell.mixture.weights, cell.mixture.means
        model.covariances_ = packed.pack(cell.mixture.covariances)
        model.precisions_cholesky_ = packed.pack(whiteners)
        assert cell.scores["bic"] == pytest.approx(model.bic(ROWS), rel=1e-9)
        assert cell.scores["aic"] == pytest.approx(model.aic(ROWS), rel=1e-9)


def test_the_likelihood_rises_with_components_and_with_freedom(faithful):
    height = {cell.key: cell.log_likelihood for cell in faithful.cells if cell.fate == "fitted"}
    for (name, k), value in height.items():
        larger = height.get((name, k + 1), math.inf)
        assert larger >= value - 1e-3
        for looser in {"spherical": ("diag", "full"), "diag": ("full",), "tied": ("full",)}.get(
            name, ()
        ):
            assert height[looser, k] >= value - 1e-3


def test_held_out_rows_choose_what_made_them():
    truth = Mixture([0.5, 0.3, 0.2], [[0, 0], [6, 0], [0, 6]], [np.eye(2)] * 3)
    x, _ = truth.sample(600, np.random.default_rng(1))
    found = select(x, range(1, 6), ("tied", "full"), criteria=("cv", "bic"), random_state=0)
    best = found.best("cv")
    assert best.k == 3
    assert -best.scores["cv"] == pytest.approx(truth.log_density(x).mean(), abs=0.03)
    assert len(best.held_out) == 5
    assert np.mean(best.held_out) == pytest.approx(-best.scores["cv"], abs=1e-3)


def test_folds_hold_out_each_row_once_by_weights_too():
    x = np.random.default_rng(0).normal(size=(50, 1))
    once = select(x, 1, "full", criteria="cv", cv=50, random_state=0).cells[0]
    n = len(x)
    leave = [np.delete(x[:, 0], i) for i in range(n)]
    expected = [
        -0.5 * (np.log(2 * np.pi * rest.var()) + (x[i, 0] - rest.mean()) ** 2 / rest.var())
        for i, rest in enumerate(leave)
    ]
    assert sorted(once.held_out) == pytest.approx(sorted(expected), rel=1e-5)
    weighted = select(
        np.vstack([x, [[99.0]]]),
        1,
        "full",
        criteria="cv",
        cv=50,
        random_state=0,
        sample_weight=np.append(np.ones(n), 0.0),
    ).cells[0]
    assert weighted.scores["cv"] == pytest.approx(once.scores["cv"], rel=1e-6)


def test_cells_that_can_not_be_fitted_are_named_and_not_chosen():
    x = np.repeat(np.random.default_rng(3).normal(size=(4, 2)), 20, axis=0)
    found = select(x, range(1, 7), ("full", "spherical"), random_state=0)
    for k in (5, 6):
        cell = found.cell(k, "full")
        assert cell.fate == "collapsed"
        assert cell.mixture is None
        assert "4" in cell.reason
        assert math.isnan(cell.scores["bic"])
    assert found.best().fate == "fitted"
    assert "distinct points" in repr(found)


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


def test_a_frame_a_picture_and_words(faithful):
    frame = faithful.to_frame()
    assert list(frame.columns[:7]) == [
        "structure",
        "k",
        "n_parameters",
        "log_likelihood",
        "bic",
        "aic",
        "icl",
    ]
    assert frame.loc[frame.bic.idxmin(), "structure"] == "tied"
    axes = faithful.plot(criterion="icl")
    assert len(axes) == 2
    assert [line.get_label() for line in axes[0].get_lines()][:4] == list(NAMES)
    assert len(faithful.plot(axes[0])) == 1
    assert "tied with 3" in repr(faithful)
    text = faithful._repr_html_()
    assert "<strong>2314.296*</strong>" in text
    assert faithful.columns == ("eruptions", "waiting")


class OneVolume(Structure):
    """mclust's EVI: columns uncorrelated, all components of one volume, each of its own shape."""

    name, shared = "one volume", False

    def constrain(self, moments, scale):
        d = moments.means.shape[1]
        diagonal = moments.scatters * np.eye(d)
        sizes = np.einsum("kii->ki", diagonal).prod(axis=1) ** (1 / d)
        return diagonal * (sizes.sum() / moments.counts.sum() / sizes)[:, None, None]

    def extend(self, covariance, dims):
        return covariance * np.eye(len(covariance))

    def n_covariance_parameters(self, k, d):
        return 1 + k * (d - 1)


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


def test_columns_are_chosen_by_name_and_place():
    wide = FAITHFUL.assign(kind="geyser")
    by_name = select(wide, 2, "full", columns=["eruptions", "waiting"], random_state=0)
    by_place = select(ROWS, 2, "full", columns=[0, 1], random_state=0)
    assert by_name.cells[0].mixture == by_place.cells[0].mixture
    assert by_name.columns == ("eruptions", "waiting")


def test_it_is_public_and_takes_all_structures_there_are():
    assert gmm_widget.select is select
    assert select(ROWS[:40], 1, random_state=0).structures == tuple(STRUCTURES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_components": 0}, "n_components must be an int of 1 or more"),
        ({"n_components": []}, "n_components is empty"),
        ({"covariance_types": "round"}, "unknown covariance structure 'round'"),
        ({"covariance_types": []}, "covariance_types is empty"),
        ({"criteria": "best"}, "unknown criterion 'best'"),
        ({"cv": 1}, "cv must be an int of 2 or more"),
        ({"criteria": "cv", "cv": 400}, "2 to 272 folds"),
        ({"columns": ["depth"]}, "no column 'depth'"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        select(FAITHFUL, **{"n_components": 2, "covariance_types": "full", **change})


def test_a_criterion_that_was_not_asked_for_is_named(faithful):
    with pytest.raises(ValueError, match="'cv' was not computed"):
        faithful.best("cv")
    with pytest.raises(KeyError, match="no 12 components"):
        faithful.cell(12, "full")
