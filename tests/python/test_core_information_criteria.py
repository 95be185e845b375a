"""Scores against their definitions, and the published ICL of Old Faithful."""

from __future__ import annotations

import numpy as np
import pytest
from core_help import cloud

from gmm_widget.core.information_criteria import aic, bic, icl
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.datasets import old_faithful


def test_bic_and_aic_as_r_prints_them():
    # logLik, AIC and BIC of lm(dist ~ speed, cars): 50 rows, 3 parameters
    assert aic(-206.5784, 3) == pytest.approx(419.1569, abs=2e-4)
    assert bic(-206.5784, 3, 50) == pytest.approx(424.8929, abs=2e-4)


@pytest.mark.parametrize("weighted", [False, True])
def test_icl_takes_off_the_log_of_the_largest_responsibilities(weighted):
    x, mixture = cloud(3000, 2, 3)
    weight = np.random.default_rng(0).integers(1, 4, 3000) if weighted else None
    points = Points.of(x, weight)
    largest = np.log(mixture.responsibilities(x).max(axis=1))
    lost = largest.sum() if weight is None else weight @ largest
    found = icl(points, mixture, -7.0, 5)
    assert found == pytest.approx(bic(-7.0, 5, points.total_weight) - 2 * lost, rel=1e-10)


def test_criteria_of_old_faithful_as_mclust_prints_them():
    # summary(Mclust(faithful), parameters = TRUE). Its criteria are those before the last M-step,
    # with which the log-likelihood grew by 0.004 to that of the parameters.
    x = np.column_stack(list(old_faithful().values()))
    weights = [0.1656784, 0.3563696, 0.4779520]
    means = [[3.793066, 77.521051], [2.037596, 54.491158], [4.463245, 80.833439]]
    covariance = [[0.07825448, 0.48019785], [0.48019785, 33.7671464]]
    mixture = Mixture(weights, means, [covariance] * 3)
    total = float(mixture.log_density(x).sum())
    assert total == pytest.approx(-1126.326, abs=0.005)
    assert bic(total, 11, 272) == pytest.approx(2314.316, abs=0.01)
    assert icl(Points.of(x), mixture, total, 11) == pytest.approx(2357.824, abs=0.1)
