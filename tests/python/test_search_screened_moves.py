"""Moves that are ranked before they are tried: what they promise is held, and they mend defects."""

import numpy as np
import pytest

from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.split_merge import Parts
from gmm_widget.core.structure import structure
from gmm_widget.search.batch import MixtureBatch, batch_of
from gmm_widget.search.batched_em import BatchData
from gmm_widget.search.restarts import restarts
from gmm_widget.search.screened_moves import _removals, _split, screened_moves, shares_of
from gmm_widget.search.split_merge_moves import fitted, parts_of

KINDS = ["full", "diag", "spherical"]


def planted(seed: int, k: int = 6, d: int = 3, n: int = 900) -> tuple[np.ndarray, Mixture]:
    rng = np.random.default_rng(seed)
    means = rng.normal(scale=3, size=(k, d))
    truth = Mixture(rng.dirichlet(np.full(k, 8.0)), means, [np.diag(rng.uniform(0.3, 1, d))] * k)
    return truth.sample(n, rng)[0], truth


def objective(data: BatchData, batch: MixtureBatch) -> float:
    return float(data.em_step(batch).objective[0])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_removals_lose_what_they_say_or_less(kind, weighted):
    x, truth = planted(0)
    weight = np.random.default_rng(1).uniform(0.5, 2, len(x)) if weighted else None
    points = Points.of(x, weight)
    data = BatchData.of(points, structure(kind), 0.0)
    batch = data.em_step(batch_of(points, [truth])).after
    joint = data.log_joint(batch)
    before = objective(data, batch)
    removals = _removals(data, batch, joint, shares_of(data, joint))
    assert len(removals) > truth.n_components
    for removal in removals:
        kept = np.arange(truth.n_components) != removal.second
        if removal.first is None:
            fewer = Parts(*(part[:, kept] for part in parts_of(batch)))
            after = objective(data, fitted(data, fewer))
            assert after == pytest.approx(before - removal.loss, rel=1e-6)
            continue
        shares = shares_of(data, joint)
        shares[removal.first] += shares[removal.second]
        moments = data.shared_out(shares[kept])
        after = objective(data, data.fitted(moments, np.ones(1, dtype=bool)))
        assert after >= before - removal.loss - 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_a_split_gains_what_it_says_or_more(kind):
    x, truth = planted(0)
    points, rng = Points.of(x), np.random.default_rng(0)
    data = BatchData.of(points, structure(kind), 0.0)
    batch = data.em_step(batch_of(points, [truth])).after
    shares, before = shares_of(data, data.log_joint(batch)), objective(data, batch)
    for c in range(truth.n_components):
        split = _split(data, batch, c, shares[c], rng)
        whole = Parts(*(part[0] for part in parts_of(batch)))
        halves = (whole.weights[c] * split.parts.weights, *split.parts[1:])
        more = [np.delete(w, c, axis=0) for w in whole]
        more = Parts(*(np.concatenate([m, h])[None] for m, h in zip(more, halves, strict=True)))
        # Rows of small responsibility are left out of the estimate.
        assert objective(data, fitted(data, more)) >= before + split.gain - 0.02 * len(x)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_group_cut_in_two_and_two_taken_as_one_are_mended_by_the_first_move(kind, seed):
    x, truth = planted(seed)
    points = Points.of(x)
    data = BatchData.of(points, structure(kind), 0.0)
    labels = truth.labels(x)
    first, second, cut = np.argsort(truth.weights)[[0, 1, -1]]
    wrong = labels.copy()
    wrong[labels == second] = first
    cuts = (labels == cut) & (x[:, 0] > truth.means[cut, 0])
    wrong[cuts] = second
    one_hot = (wrong == np.arange(truth.n_components)[:, None]).astype(float)
    moments = data.shared_out(one_hot)
    defect = data.fitted(moments, np.ones(1, dtype=bool))
    for _ in range(20):
        defect = data.em_step(defect).after
    found = screened_moves(data, defect, 3, np.random.default_rng(seed)).take([0])
    best = data.em_step(batch_of(points, [truth])).after
    for _ in range(30):
        found, best = data.em_step(found).after, data.em_step(best).after
    assert objective(data, found) >= objective(data, best) - 1e-3 * len(x)


def test_twenty_groups_in_eight_columns_are_all_found_from_one_start():
    rng = np.random.default_rng(3)
    means = rng.normal(scale=1.2, size=(20, 8))
    truth = Mixture(np.full(20, 1 / 20), means, [0.4 * np.eye(8)] * 20)
    x, _ = truth.sample(8000, rng)
    found = restarts(Points.of(x), 20, structure("diag"), 1, rng=np.random.default_rng(0)).best
    assert found.log_likelihood >= truth.log_density(x).sum()
