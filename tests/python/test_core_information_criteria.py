"""Scores against their definitions, and the published ICL of Old Faithful."""

from __future__ import annotations

import math

import numpy as np
import pytest
from core_help import cloud

from gmm_widget.core.em import em
from gmm_widget.core.information_criteria import aic, bic, icl
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.datasets import old_faithful


def test_bic_and_aic_by_definition():
    assert bic(-100.0, 11, 272) == pytest.approx(200 + 11 * math.log(272))
    assert aic(-100.0, 11) == 222


@pytest.mark.parametrize("weighted", [False, True])
def test_icl_takes_off_the_log_of_the_largest_responsibilities(weighted):
    x, mixture = cloud(3000, 2, 3)
    weight = np.random.default_rng(0).integers(1, 4, 3000) if weighted else None
    points = Points.of(x, weight)
    largest = np.log(mixture.responsibilities(x).max(axis=1))
    lost = largest.sum() if weight is None else weight @ largest
    found = icl(points, mixture, -7.0, 5)
    assert found == pytest.approx(bic(-7.0, 5, points.total_weight) - 2 * lost, rel=1e-10)


def test_icl_of_old_faithful_as_mclust_prints_it():
    # mclust 6.0.0 stops early, at BIC -2314.316 and ICL -2357.824 on its sign
    points = Points.of(np.column_stack(list(old_faithful().values())))
    tied = structure("tied")
    *_, fit = em(points, initial_mixture(points, 3, tied, rng=np.random.default_rng(0)), tied)
    parameters = tied.n_parameters(3, 2)
    found = icl(points, fit.mixture, fit.log_likelihood, parameters)
    assert bic(fit.log_likelihood, parameters, 272) <= 2314.316
    assert found == pytest.approx(2357.824, abs=1.0)
