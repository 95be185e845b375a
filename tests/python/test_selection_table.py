"""Choosing k and the structure: beside mclust in every cell, scores, laws, and being given up."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture as Peer

import gmm_widget
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.structure import STRUCTURES
from gmm_widget.datasets import old_faithful
from gmm_widget.estimator import select

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
        cell.key: cell.log_likelihood
        - MCLUST[f"{cell.covariance_type}/{cell.n_components}"]["log_likelihood"]
        for cell in faithful.cells
    }
    assert min(below.values()) > -1e-6 * len(ROWS), below
    assert all(
        cell.n_parameters == MCLUST[f"{cell.covariance_type}/{cell.n_components}"]["n_parameters"]
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
        other = MCLUST[f"{cell.covariance_type}/{cell.n_components}"]
        if abs(cell.log_likelihood - other["log_likelihood"]) < 1e-4:
            assert cell.scores["icl"] == pytest.approx(other["icl"], abs=0.05)
            same += 1
    assert same > 5


def test_scores_are_scikit_learns_on_the_same_fits(faithful):
    for cell in faithful.cells:
        model = Peer(cell.n_components, covariance_type=cell.covariance_type)
        packed = STRUCTURES[cell.covariance_type]
        whiteners = cell.mixture.factors.whiteners.transpose(0, 2, 1)
        model.weights_, model.means_ = cell.mixture.weights, cell.mixture.means
        model.covariances_ = packed.pack(cell.mixture.covariances)
        model.precisions_cholesky_ = packed.pack(whiteners)
        assert cell.scores["bic"] == pytest.approx(model.bic(ROWS), rel=1e-9)
        assert cell.scores["aic"] == pytest.approx(model.aic(ROWS), rel=1e-9)


def test_the_likelihood_rises_with_components_and_with_freedom(faithful):
    objective = {
        cell.key: cell.log_likelihood for cell in faithful.cells if cell.status == "fitted"
    }
    for (name, k), value in objective.items():
        larger = objective.get((name, k + 1), math.inf)
        assert larger >= value - 1e-3
        for looser in {"spherical": ("diag", "full"), "diag": ("full",), "tied": ("full",)}.get(
            name, ()
        ):
            assert objective[looser, k] >= value - 1e-3


def test_held_out_rows_choose_what_made_them():
    truth = Mixture([0.5, 0.3, 0.2], [[0, 0], [6, 0], [0, 6]], [np.eye(2)] * 3)
    x, _ = truth.sample(600, np.random.default_rng(1))
    found = select(x, range(1, 6), ("tied", "full"), criteria=("cv", "bic"), random_state=0)
    best = found.best("cv")
    assert best.n_components == 3
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
        assert cell.status == "collapsed"
        assert cell.mixture is None
        assert "4" in cell.reason
        assert math.isnan(cell.scores["bic"])
    assert found.best().status == "fitted"
    assert "distinct points" in repr(found)


def test_a_fold_that_can_not_be_fitted_is_named_and_the_cell_keeps_its_other_scores():
    x = np.concatenate([np.zeros((6, 1)), np.ones((6, 1)), [[5.0]]])
    found = select(x, 3, "full", criteria=("bic", "cv"), cv=13, random_state=0, allow_spurious=True)
    cell = found.cells[0]
    assert math.isfinite(cell.scores["bic"])
    assert math.isnan(cell.scores["cv"])
    assert len(cell.lost) == 1
    assert "3 distinct points" in cell.lost[0]
    assert sum(math.isnan(value) for value in cell.held_out) == 1
    with pytest.raises(ValueError, match="no cell can be chosen by cv"):
        found.best("cv")


def test_a_frame_a_picture_and_words(faithful):
    frame = faithful.to_frame()
    assert list(frame.columns[:7]) == [
        "covariance_type",
        "n_components",
        "n_parameters",
        "log_likelihood",
        "bic",
        "aic",
        "icl",
    ]
    assert frame.loc[frame.bic.idxmin(), "covariance_type"] == "tied"
    axes = faithful.plot(criterion="icl")
    assert len(axes) == 2
    assert [line.get_label() for line in axes[0].get_lines()][:4] == list(NAMES)
    assert len(faithful.plot(axes[0])) == 1
    assert "tied with 3" in repr(faithful)
    text = faithful._repr_html_()
    assert "<strong>2314.296*</strong>" in text
    assert faithful.columns == ("eruptions", "waiting")


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
        ({"covariance_type": "round"}, "unknown covariance structure 'round'"),
        ({"covariance_type": []}, "covariance_type is empty"),
        ({"criteria": "best"}, "unknown criterion 'best'"),
        ({"cv": 1}, "cv must be an int of 2 or more"),
        ({"criteria": "cv", "cv": 400}, "2 to 272 folds"),
        ({"columns": ["depth"]}, "no column 'depth'"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        select(FAITHFUL, **{"n_components": 2, "covariance_type": "full", **change})


def test_a_criterion_that_was_not_asked_for_is_named(faithful):
    with pytest.raises(ValueError, match="'cv' was not computed"):
        faithful.best("cv")
    with pytest.raises(KeyError, match="no 12 components"):
        faithful.cell(12, "full")
