"""A mixture with more free parameters than rows is named, with simpler structures that serve."""

import warnings

import numpy as np
import pytest

from gmm_widget import FewRowsWarning, GaussianMixture


def two_groups(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1], n // 2)
    return rng.normal(size=(n, d)) + 0.5 * groups[:, None], groups


def test_too_few_rows_are_named_with_the_structures_that_serve():
    x, _ = two_groups(300, 30)
    message = (
        "991 free parameters were estimated from 300 rows, which leaves none to tell groups from "
        r"noise. Use covariance_type 'spherical' \(63\) or 'diag' \(121\), or fewer components"
    )
    with pytest.warns(FewRowsWarning, match=message):
        GaussianMixture(2, random_state=0).fit(x)


def test_a_structure_that_is_named_finds_the_groups():
    x, groups = two_groups(800, 100)
    for kind in ("diag", "spherical"):
        with warnings.catch_warnings():
            warnings.simplefilter("error", FewRowsWarning)
            labels = GaussianMixture(2, covariance_type=kind, random_state=0).fit_predict(x)
        assert max(np.mean(labels == groups), np.mean(labels != groups)) > 0.95


def test_rows_without_weight_do_not_count_and_one_component_needs_no_more_rows():
    x, _ = two_groups(60, 4)
    weight = np.r_[np.ones(20), np.zeros(40)]
    with pytest.warns(FewRowsWarning, match="29 free parameters were estimated from 20 rows"):
        GaussianMixture(2, random_state=0).fit(x, sample_weight=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FewRowsWarning)
        GaussianMixture(1).fit(x[:10])
        GaussianMixture(2, random_state=0).fit(x)
