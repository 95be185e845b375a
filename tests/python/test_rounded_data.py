"""Twenty small tables of counts, ages, answers and one-decimal measurements with planted groups.

Each is drawn from Gaussians and rounded, so the groups are known, and so is how well they can be
told apart: the shares of rows that the planted mixture itself assigns rightly.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture as Peer

from gmm_widget import (
    BayesianGaussianMixture,
    GaussianMixture,
    GMMWidget,
    SpuriousFitWarning,
    select,
)
from gmm_widget.core.mixture import Mixture


class Planted(NamedTuple):
    """Groups (size, means, standard deviations), rounded to a step and kept within a range."""

    groups: tuple[tuple[int, Any, Any], ...]
    step: float = 1.0
    low: float = -np.inf
    high: float = np.inf
    covariance_type: str = "full"


TABLES = {
    "repeats": Planted(((30, [17.1], [0.5]), (25, [42.2], [2.0]))),
    "repeats, wide": Planted(((30, [17.1], [1.0]), (25, [42.2], [4.0]))),
    "repeats, mostly one value": Planted(((40, [17.0], [0.35]), (40, [23.0], [1.5]))),
    "counts": Planted(((80, [3.0], [1.2]), (60, [11.0], [2.5])), low=0),
    "counts, three groups": Planted(
        ((60, [4], [1.0]), (60, [12], [1.5]), (60, [24], [3.0])), low=0
    ),
    "counts, two columns": Planted(((70, [2, 8], [1, 2]), (50, [9, 3], [2, 1.2])), low=0),
    "ages": Planted(((90, [24.0], [3.0]), (60, [61.0], [8.0]))),
    "ages, three groups": Planted(((50, [8.0], [2]), (80, [35.0], [5]), (40, [74.0], [6]))),
    "ages of first and last": Planted(((60, [19, 45], [1.5, 4]), (60, [30, 70], [3, 5]))),
    "years of school": Planted(((80, [9.0], [0.6]), (70, [13.0], [0.8])), low=0),
    "hours a week": Planted(((50, [20.0], [3.0]), (90, [40.0], [1.0])), step=1),
    "answers, four items": Planted(
        ((70, [1.6, 2, 1.8, 2.2], [0.7] * 4), (60, [4.2, 4, 4.3, 3.8], [0.7] * 4)), low=1, high=5
    ),
    "answers, six items, diag": Planted(
        ((60, [2] * 6, [0.8] * 6), (60, [4] * 6, [0.8] * 6)), low=1, high=5, covariance_type="diag"
    ),
    "answers of seven, tied": Planted(
        ((80, [2, 3, 2], [0.9] * 3), (80, [5, 5, 6], [0.9] * 3)),
        low=1,
        high=7,
        covariance_type="tied",
    ),
    "answers, mostly agreed": Planted(
        ((50, [4.6, 4.7, 4.5], [0.5] * 3), (50, [2.2, 2.5, 2.4], [0.9] * 3)),
        low=1,
        high=5,
        covariance_type="spherical",
    ),
    "petals": Planted(((50, [1.4, 0.2], [0.15, 0.1]), (50, [4.5, 1.5], [0.5, 0.3])), step=0.1),
    "temperatures": Planted(((120, [36.6], [0.2]), (40, [39.0], [0.4])), step=0.1),
    "weights": Planted(((60, [3.2], [0.4]), (40, [7.5], [0.8])), step=0.1),
    "halves": Planted(((50, [5.0, 2], [0.8, 0.5]), (50, [9, 6], [0.7, 1])), step=0.5),
    "inches in centimetres": Planted(((60, [160.0], [5.0]), (60, [185.0], [5.0])), step=2.54),
}


def drawn(planted: Planted, seed: int) -> tuple[np.ndarray, np.ndarray, Mixture]:
    """Rows, their groups and the planted mixture."""
    rng = np.random.default_rng(seed)
    parts = [rng.normal(mean, sd, (n, len(mean))) for n, mean, sd in planted.groups]
    x = np.rint(np.concatenate(parts) / planted.step) * planted.step
    sizes = np.array([n for n, _, _ in planted.groups])
    truth = Mixture(
        sizes / sizes.sum(),
        [mean for _, mean, _ in planted.groups],
        [np.diag(np.square(sd) + planted.step**2 / 12) for _, _, sd in planted.groups],
    )
    return np.clip(x, planted.low, planted.high), np.repeat(np.arange(len(sizes)), sizes), truth


def fitted(planted: Planted, x: np.ndarray, **options: Any) -> tuple[GaussianMixture, list[str]]:
    """A default fit, and the warnings that its likelihood is spurious."""
    model = GaussianMixture(
        len(planted.groups), covariance_type=planted.covariance_type, random_state=0, **options
    )
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        model.fit(x)
    return model, [str(w.message) for w in seen if w.category is SpuriousFitWarning]


@pytest.mark.parametrize("n_init", [1, 10])
@pytest.mark.parametrize("name", list(TABLES))
def test_the_planted_groups_are_found(name: str, n_init: int) -> None:
    """As well as the planted mixture tells them; the step is known, and no warning is due."""
    for seed in range(3):
        x, groups, truth = drawn(TABLES[name], seed)
        model, warned = fitted(TABLES[name], x, n_init=n_init)
        known = adjusted_rand_score(groups, truth.labels(x))
        assert adjusted_rand_score(groups, model.predict(x)) > known - 0.1
        assert model.resolution_ == pytest.approx(TABLES[name].step)
        assert not warned


@pytest.mark.parametrize("name", list(TABLES))
def test_nothing_is_lost_where_no_component_is_as_narrow(name: str) -> None:
    """At least scikit-learn's likelihood, unless that has a component narrower than rounding."""
    planted = TABLES[name]
    for seed in range(3):
        x = drawn(planted, seed)[0]
        peer = Peer(len(planted.groups), covariance_type=planted.covariance_type, random_state=0)
        peer.set_params(n_init=3, reg_covar=1e-9, tol=1e-8, max_iter=2000).fit(x)
        narrowest = 1 / np.sqrt(np.linalg.eigvalsh(full(peer.precisions_, peer, x)).max())
        if narrowest > planted.step / np.sqrt(12):
            ours = fitted(planted, x, n_init=3)[0].score(x)
            assert ours * len(x) > peer.score(x) * len(x) - 1e-4


def full(precisions: Any, peer: Peer, x: np.ndarray) -> np.ndarray:
    """Precisions of any covariance type as matrices."""
    d = x.shape[1]
    shapes = {"full": (...,), "tied": (None,), "diag": (..., None), "spherical": (..., None, None)}
    values = np.asarray(precisions)[shapes[peer.covariance_type]]
    return values if peer.covariance_type in ("full", "tied") else values * np.eye(d)


@pytest.mark.parametrize("name", list(TABLES))
def test_without_a_resolution_ties_are_found_out_or_named(name: str) -> None:
    for seed in range(3):
        x, groups, truth = drawn(TABLES[name], seed)
        model, warned = fitted(TABLES[name], x, resolution=None)
        known = adjusted_rand_score(groups, truth.labels(x))
        assert warned or adjusted_rand_score(groups, model.predict(x)) > known - 0.1
        assert model.resolution_.tolist() == [0] * x.shape[1]


STRAYS = ([16, 18, 18], [16, 18, 19], [16, 16, 18, 18, 19], [19, 19, 16], [20, 19, 15], [18] * 3)


@pytest.mark.parametrize("strays", STRAYS)
def test_a_pile_of_one_value_is_not_a_group(strays: list[int]) -> None:
    """30 repeats around 17, most of them 17, and 25 around 42."""
    for seed, sd in enumerate((1.0, 2.0, 3.0, 4.0)):
        around = np.rint(np.random.default_rng(seed).normal(42.2, sd, 25))
        x = np.r_[[17.0] * (30 - len(strays)), strays, around][:, None]
        for n_init in (1, 10):
            model = GaussianMixture(2, n_init=n_init, random_state=0).fit(x)
            means = np.sort(model.means_.ravel())
            assert means == pytest.approx([x[:30].mean(), around.mean()], abs=0.5)


def test_the_default_prior_of_a_bayesian_mixture_does_as_much() -> None:
    x = np.r_[[17.0] * 30, np.rint(np.random.default_rng(0).normal(42.2, 3, 25))][:, None]
    model = BayesianGaussianMixture(n_components=2, random_state=0).fit(x)
    assert np.sort(model.means_.ravel()) == pytest.approx([17, 42], abs=1.5)
    assert model.covariances_.min() > 1 / 12


def test_a_spurious_best_optimum_warns_and_says_which() -> None:
    """Two rows far apart from two groups leave three components nothing else."""
    rng = np.random.default_rng(1)
    x = np.r_[rng.normal(0, 1, (40, 2)), [[50.0, 50.0]]]
    with pytest.warns(SpuriousFitWarning, match=r"component \d holds a weight of 1, too few rows"):
        model = GaussianMixture(2, random_state=0).fit(x)
    assert model.restarts_.best.spurious
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpuriousFitWarning)
        GaussianMixture(2, random_state=0, allow_spurious=True).fit(x)
        GaussianMixture(1, random_state=0).fit(x)


def test_two_values_in_a_column_need_no_regularisation() -> None:
    x = np.repeat([[0.0], [1.0]], 25, axis=0)
    model = GaussianMixture(2, reg_covar=0, random_state=0).fit(x)
    assert np.sort(model.means_.ravel()) == pytest.approx([0, 1], abs=0.01)
    assert model.covariances_.ravel() == pytest.approx([1 / 12] * 2, rel=1e-3)


def test_it_is_given_by_column_and_by_name() -> None:
    x = drawn(TABLES["halves"], 0)[0]
    frame = {"left": x[:, 0], "right": x[:, 1]}
    for given, steps in (
        ({"right": 2.0}, [0.5, 2.0]),
        ({"left": None}, [0.0, 0.5]),
        ([0.1, "auto"], [0.1, 0.5]),
        (3, [3.0, 3.0]),
        (None, [0.0, 0.0]),
    ):
        model = GaussianMixture(2, random_state=0, resolution=given).fit(frame)
        assert model.resolution_.tolist() == steps
        stated = GMMWidget(frame, resolution=given).resolution
        assert stated == dict(zip(frame, steps, strict=True))
        select(frame, 1, resolution=given)
    with pytest.raises(ValueError, match=r"no column 'rigth'.*did you mean 'right'"):
        GaussianMixture(2, resolution={"rigth": 1}).fit(frame)


def test_the_widget_states_it_and_takes_it_along() -> None:
    x = drawn(TABLES["answers, four items"], 0)[0]
    w = GMMWidget(x, random_state=0)
    assert w.resolution == {f"x{j}": 1.0 for j in range(4)}
    assert "'x0' to 1, 'x1' to 1" in str(w._connection.notice)
    assert "'resolution': [1.0, 1.0, 1.0, 1.0]" in w.code()
    assert w.estimator().resolution == [1.0] * 4
    again = GMMWidget.from_json(w.to_json(), x)
    assert again.resolution == w.resolution
    w.data = x / 2
    assert set(w.resolution.values()) == {0.5}
    free = GMMWidget(x, random_state=0, resolution=None)
    assert set(free.resolution.values()) == {0.0}
    assert GMMWidget.from_json(free.to_json(), x).resolution == free.resolution


def test_the_widgets_em_stays_above_it() -> None:
    """A component placed on one value grows to the width of its rounding cell."""
    x = np.c_[np.r_[[17.0] * 30, np.arange(35, 60)], np.tile([0.0, 1, 2, 3, 4], 11)]
    start = Mixture([0.5, 0.5], [[17, 2], [47, 2]], [np.diag([0.1, 2]), np.diag([50, 2])])
    w = GMMWidget(x, mixture=start)
    w.step(50)
    for covariance in w.mixture.covariances:
        assert np.linalg.eigvalsh(covariance)[0] >= (1 - 1e-6) / 12
    assert np.linalg.eigvalsh(w.mixture.covariances).min() < 0.09
