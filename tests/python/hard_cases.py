"""Data and a plain EM for the tests of the numerical core, with nothing of gmm_widget's in them.

The EM here is dense and naive, and trusts its numbers because they are good: it works in NumPy's
long double (80 bits on x86, double where there is nothing wider) on points from which a centre
near them was taken. That subtraction is exact for neighbours (Sterbenz 1974), so these are the
answers for the very numbers that gmm_widget was given, rounded as they may be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from gmm_widget.core.em import Step, em
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.initialise import from_labels, initial_mixture
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure

LONG = np.longdouble
EPS = float(np.finfo(np.float64).eps)
PI = LONG("3.14159265358979323846264338327950288")
TYPES = ("spherical", "diag", "tied", "full")


@dataclass(frozen=True)
class Answer:
    """Parameters in long double, about the centre, and the log-likelihood that belongs to them."""

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    log_likelihood: np.longdouble


def clusters(n: int = 900, seed: int = 3) -> np.ndarray:
    """Three unit-variance clusters in the plane, near enough to touch, in random order."""
    rng = np.random.default_rng(seed)
    centres = np.array([[0.0, 0.0], [4.0, 1.0], [1.0, 5.0]])
    return centres[rng.permutation(n) % 3] + rng.standard_normal((n, 2))


def first_guess(offset: float = 0.0, scale: float = 1.0) -> Mixture:
    """A mixture from which EM has some way to go to the clusters, moved and scaled like them."""
    means = np.array([[0.5, 1.0], [3.0, 0.0], [0.0, 3.5]])
    covariances = np.repeat(2.0 * np.eye(2)[None], 3, axis=0)
    return Mixture([0.25, 0.25, 0.5], (means + offset) * scale, covariances * scale * scale)


def factors(covariances: np.ndarray) -> np.ndarray:
    """Lower Cholesky factors (K, D, D), by the definition."""
    lower = np.zeros_like(covariances)
    for i in range(covariances.shape[1]):
        for j in range(i + 1):
            rest = covariances[:, i, j] - (lower[:, i, :j] * lower[:, j, :j]).sum(axis=1)
            lower[:, i, j] = np.sqrt(rest) if i == j else rest / lower[:, j, j]
    return lower


def log_joint(x: np.ndarray, answer: Answer) -> np.ndarray:
    """log(weight_k N(x_n | k)), (N, K), by forward substitution."""
    lower = factors(answer.covariances)
    joint = np.empty((len(x), len(lower)), dtype=LONG)
    for k, factor in enumerate(lower):
        y = x - answer.means[k]
        for i, row in enumerate(factor):
            y[:, i] = (y[:, i] - y[:, :i] @ row[:i]) / row[i]
        constant = np.log(answer.weights[k]) - np.log(np.diag(factor)).sum()
        joint[:, k] = constant - ((y**2).sum(axis=1) + len(factor) * np.log(2 * PI)) / 2
    return joint


def constrained(name: str, counts: np.ndarray, scatters: np.ndarray) -> np.ndarray:
    """The covariances that maximise the likelihood given scatters (K, D, D) about the means."""
    d = scatters.shape[1]
    eye = np.eye(d, dtype=LONG)
    if name == "tied":
        return np.repeat((scatters.sum(axis=0) / counts.sum())[None], len(counts), axis=0)
    own = scatters / counts[:, None, None]
    if name == "diag":
        return own * eye
    if name == "spherical":
        return np.array([np.trace(c) / d * eye for c in own])
    return own


def plain_em(
    x: np.ndarray,
    mixture: Mixture,
    name: str,
    steps: int,
    centre: float = 0.0,
) -> Answer:
    """The state after so many unregularised steps on the points x (N, D), about `centre`."""
    z = x.astype(LONG) - LONG(centre)
    parts = (mixture.weights, mixture.means, mixture.covariances)
    weights, means, covariances = (part.astype(LONG) for part in parts)
    now = Answer(weights, means - LONG(centre), covariances, LONG(0))
    for step in range(steps + 1):
        joint = log_joint(z, now)
        top = joint.max(axis=1, keepdims=True)
        density = np.exp(joint - top).sum(axis=1)
        value = (top[:, 0] + np.log(density)).sum()
        if step == steps:
            return Answer(now.weights, now.means, now.covariances, value)
        r = np.exp(joint - top) / density[:, None]
        counts = r.sum(axis=0)
        means = r.T @ z / counts[:, None]
        scatters = [(z - m).T @ (r[:, [k]] * (z - m)) for k, m in enumerate(means)]
        now = Answer(counts / len(z), means, constrained(name, counts, np.array(scatters)), value)
    raise AssertionError("the number of steps is 0 or more")


def run(x: np.ndarray, mixture: Mixture, name: str, steps: int = 5) -> Step:
    """The state that gmm_widget's EM is in after so many unregularised steps."""
    settings = {"regularisation": 0.0, "tolerance": -1.0, "max_steps": steps}
    *_, last = em(Points.of(x), mixture, structure(name), **settings)
    assert last.n_steps == steps
    return last


def assert_agrees(step: Step, answer: Answer, tolerance: float, centre: float = 0.0) -> None:
    """Every parameter, in units of the answer's own widths, and the relative log-likelihood."""
    sd = np.sqrt(np.einsum("kii->ki", answer.covariances))
    mixture = step.mixture
    means = (mixture.means.astype(LONG) - LONG(centre) - answer.means) / sd
    covariances = (mixture.covariances - answer.covariances) / sd[:, :, None] / sd[:, None, :]
    errors = {
        "log-likelihood": step.log_likelihood / answer.log_likelihood - 1,
        "weights": mixture.weights - answer.weights,
        "means": means,
        "covariances": covariances,
    }
    off = {name: float(np.abs(error).max()) for name, error in errors.items()}
    wrong = {name: error for name, error in off.items() if not error <= tolerance}
    assert not wrong, f"off by {wrong}, more than {tolerance:g}"


def assert_exact(
    x: np.ndarray, guess: Mixture, name: str, tolerance: float, centre: float = 0.0
) -> None:
    """Five steps from the guess end where the plain EM does."""
    answer = plain_em(x, guess, name, 5, centre)
    assert_agrees(run(x, guess, name), answer, tolerance, centre)


def assert_sound(mixture: Mixture) -> None:
    """Finite throughout, weights that sum to one, covariances with positive eigenvalues."""
    for part in (mixture.weights, mixture.means, mixture.covariances):
        assert np.isfinite(part).all()
    assert mixture.weights.min() > 0
    assert abs(mixture.weights.sum() - 1) < 1e-12
    sd = np.sqrt(np.einsum("kii->ki", mixture.covariances))
    correlation = mixture.covariances / sd[:, :, None] / sd[:, None, :]
    assert np.linalg.eigvalsh(correlation).min() > 0


def fit_with_defaults(x: np.ndarray, name: str, k: int, seed: int = 0) -> Step:
    """The fit with default settings: an initial mixture, then EM until it has converged."""
    points = Points.of(x)
    mixture = initial_mixture(points, k, structure(name), rng=np.random.default_rng(seed))
    *_, last = em(points, mixture, structure(name), max_steps=5000)
    assert last.converged
    assert_sound(last.mixture)
    assert np.isfinite(last.log_likelihood)
    return last


def assert_all_sound(steps: Iterator[Step]) -> None:
    """Every state on the way is finite, with its log-likelihood."""
    for step in steps:
        assert_sound(step.mixture)
        assert np.isfinite(step.log_likelihood)


def collapse(x: np.ndarray, mixture: Mixture, name: str, regularisation: float) -> CollapseError:
    """The error in which EM must end, naming cause and remedy; all states before are finite."""
    steps = em(Points.of(x), mixture, structure(name), regularisation=regularisation, max_steps=200)
    with pytest.raises(CollapseError) as caught:
        assert_all_sound(steps)
    error = caught.value
    assert f"component {error.component} " in str(error)
    for part in (error.cause, error.remedy):
        assert part in str(error)
        assert len(part.split()) > 3
    return error


def numacc(first: str, low: str, high: str, dtype=np.float64) -> np.ndarray:
    """1001 values by NIST's definition: the mean once, then the low and the high one in turn."""
    return np.array([first] + [low, high] * 500).astype(np.float64).astype(dtype)


def digits(got: float, certified: Fraction | float) -> float:
    error = abs(Fraction(float(got)) / Fraction(certified) - 1)
    return 16.0 if error == 0 else -math.log10(error)


def mean_and_sd(x: np.ndarray, name: str) -> tuple[float, float]:
    """Five steps with one component; the standard deviation with NIST's divisor, n - 1."""
    guess = Mixture([1.0], [[float(np.floor(x.min()))]], [[[4.0]]])
    fit = run(x, guess, name).mixture
    return fit.means[0, 0], math.sqrt(fit.covariances[0, 0, 0] * len(x) / (len(x) - 1))


def assert_same_fit_with_defaults(name: str, scale: float, dtype: type) -> None:
    """The three clusters and the same clusters times `scale`: one fit, up to the order of k."""
    plain, scaled = clusters().astype(dtype), (clusters() * scale).astype(dtype)
    one, other = fit_with_defaults(plain, name, 3), fit_with_defaults(scaled, name, 3)
    a, b = in_order(one.mixture), in_order(other.mixture)
    assert np.abs(a.weights - 1 / 3).max() < 0.05, "three clusters of equal size"
    np.testing.assert_allclose(b.weights, a.weights, atol=1e-3)
    np.testing.assert_allclose(b.means / scale, a.means, atol=1e-3)
    np.testing.assert_allclose(b.covariances / scale / scale, a.covariances, atol=3e-3)
    moved = other.log_likelihood + 900 * 2 * math.log(scale)
    assert abs(moved - one.log_likelihood) < 900 * (1e-7 if dtype is not np.float32 else 1e-6)


def in_order(mixture: Mixture) -> Mixture:
    """The same mixture with its components by their first coordinate."""
    order = np.argsort(mixture.means[:, 0])
    return Mixture(mixture.weights[order], mixture.means[order], mixture.covariances[order])


def assert_column_does_not_matter(column: np.ndarray, name: str) -> None:
    """A further column without information leaves the fit of the clusters as it is."""
    x = clusters()
    labels = np.where(x[:, 1] > 3, 2, x[:, 0] > 2)
    fits = []
    for rows in (x, np.column_stack([x, column])):
        points = Points.of(rows)
        guess = from_labels(points, labels, structure(name))
        *_, last = em(points, guess, structure(name), max_steps=5000)
        assert_sound(last.mixture)
        fits.append(last.mixture.marginal([0, 1]))
    without, given = fits
    np.testing.assert_allclose(given.weights, without.weights, atol=1e-4)
    np.testing.assert_allclose(given.means, without.means, atol=1e-3)


def detector(sd: float, dtype: type = np.int64) -> np.ndarray:
    """Three clusters as a ten-bit detector records them: integers, too much reads 1023."""
    far = np.array([[200, 300], [700, 500], [500, 900]])[np.arange(1500) % 3]
    x = far + sd * np.random.default_rng(5).standard_normal((1500, 2))
    return np.clip(np.rint(x), 0, 1023).astype(dtype)


def pile(columns: list[int], width: float) -> tuple[np.ndarray, Mixture]:
    """A detector with a tenth of its rows at the limit in `columns`, and a component just there."""
    x = detector(40.0)
    x[::10, columns] = 1023
    at, shape = np.full(2, 500.0), 4e4 * np.eye(2)
    at[columns] = 1023.0
    shape[columns, columns] = width**2
    return x, Mixture([0.2, 0.8], [at, [500.0, 500.0]], [shape, 4e4 * np.eye(2)])
