"""Rows inside a polygon, against matplotlib's own test, and the components made of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.path import Path

from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.polygon import MAX_VERTICES, inside, split_rows
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.protocol.incoming import parse
from gmm_widget.session.polygon_edits import carve
from gmm_widget.session.session import Session
from gmm_widget.session.settings import Settings
from gmm_widget.session.state import State

SQUARE = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]


def cloud(n: int = 500, d: int = 2, seed: int = 0) -> np.ndarray:
    """Two round clouds, one about 0 and one about 5."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) * 0.5 + 5 * rng.integers(2, size=(n, 1))


@given(seed=st.integers(0, 10_000), corners=st.integers(3, 9))
def test_a_simple_polygon_holds_what_matplotlib_says(seed: int, corners: int) -> None:
    """Corners in order round a point, at any distance: a star-shaped outline."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = rng.uniform(0.2, 2, corners)
    outline = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    xy = rng.uniform(-2, 2, (300, 2))
    np.testing.assert_array_equal(inside(outline, xy), Path(outline).contains_points(xy))


@given(xy=arrays(np.float64, (20, 2), elements=st.integers(0, 4).map(float)))
def test_squares_that_tile_the_plane_share_no_point(xy: np.ndarray) -> None:
    """Points on the sides and corners of squares side by side are in exactly one of them."""
    corner = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    tiles = [corner + np.array([2 * i, 2 * j]) for i in range(-1, 4) for j in range(-1, 4)]
    np.testing.assert_array_equal(sum(inside(tile, xy).astype(int) for tile in tiles), 1)


def test_a_star_drawn_in_one_line_has_a_hole() -> None:
    """Even-odd: what is encircled twice is outside."""
    angle = np.arange(5) * 4 * np.pi / 5
    star = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    assert inside(star, [[0.0, 0.0], [0.0, 0.6], [0.0, 2.0]]).tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_sides_have_the_moments_of_their_rows(dtype: type) -> None:
    """Weighted, in all columns, over more than one block; far from the origin."""
    rng = np.random.default_rng(3)
    far = np.array([0, 0, 1e3])
    x = (rng.normal(size=(150_000, 3)) + far).astype(dtype)
    weight = rng.uniform(0.5, 2, len(x))
    within = np.abs(x[:, [0, 2]].astype(float) - far[1:]).max(axis=1) < 1.0001
    polygon = np.array(SQUARE) * 1.0001 + far[1:]
    parts = split_rows(Points.of(x, weight), polygon, (0, 2))
    for part, rows in zip(parts, (within, ~within), strict=True):
        assert part.rows == rows.sum()
        assert part.weight == pytest.approx(weight[rows].sum(), rel=1e-12)
        mean = np.average(x[rows].astype(float), axis=0, weights=weight[rows])
        np.testing.assert_allclose(part.mean, mean, rtol=1e-12, atol=1e-12)
        expected = np.cov(x[rows].astype(float).T, aweights=weight[rows], ddof=0)
        np.testing.assert_allclose(part.covariance, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("polygon", "message"),
    [
        ([[0, 0], [1, 1]], "3 to 512 corners"),
        (np.zeros((MAX_VERTICES + 1, 2)), "3 to 512 corners"),
        ([[0, 0], [1, np.nan], [1, 1]], "corner 1"),
    ],
)
def test_bad_polygons_are_named(polygon: object, message: str) -> None:
    """Too few corners, too many, and one that is no place."""
    with pytest.raises(ValueError, match=message):
        inside(polygon, [[0.0, 0.0]])


def opened(name: str = "full", d: int = 2) -> tuple[Points, State]:
    """One component over both clouds."""
    x = cloud(d=d)
    mixture = Mixture([1.0], x.mean(axis=0)[None], np.cov(x.T)[None])
    return Points.of(x), State.of(mixture, structure(name))


@pytest.mark.parametrize("name", list(STRUCTURES))
def test_a_new_component_is_where_its_rows_are(name: str) -> None:
    """Its mean and weight are those of the rows inside, in every column; its shape obeys."""
    points, state = opened(name, d=3)
    after = carve(points, state, Settings(), polygon=np.array(SQUARE) * 2, dims=(0, 1))
    rows = np.abs(cloud(d=3)[:, :2]).max(axis=1) < 2
    np.testing.assert_allclose(after.mixture.means[1], cloud(d=3)[rows].mean(axis=0))
    assert after.mixture.weights[1] == pytest.approx(rows.mean())
    assert after.ids == (0, 1)
    shape = after.mixture.covariances[1]
    np.testing.assert_allclose(shape, structure(name).project(shape, range(3)))


def test_a_split_keeps_the_moments_of_the_whole() -> None:
    """The halves together have the component's weight, and the mean and covariance of its rows."""
    points, state = opened()
    after = carve(points, state, Settings(), polygon=SQUARE, dims=(0, 1), component=0)
    weights, means, covariances = (
        after.mixture.weights,
        after.mixture.means,
        after.mixture.covariances,
    )
    x = cloud()
    np.testing.assert_allclose(weights @ means, x.mean(axis=0))
    off = means - x.mean(axis=0)
    total = np.einsum("k,kij->ij", weights, covariances + off[:, :, None] * off[:, None, :])
    np.testing.assert_allclose(total, np.cov(x.T, ddof=0), rtol=1e-10)


def test_a_split_leaves_the_others_alone() -> None:
    """With two components, the one that is not split keeps its every bit."""
    x = cloud()
    shapes = np.array([np.eye(2) * 0.3] * 2)
    state = State.of(Mixture([0.4, 0.6], [[0.0, 0.0], [5.0, 5.0]], shapes), structure("full"))
    half = [[-9.0, -9.0], [0.0, -9.0], [0.0, 9.0], [-9.0, 9.0]]
    after = carve(Points.of(x), state, Settings(), polygon=half, dims=(0, 1), component=0)
    assert after.mixture.weights[1] == 0.6
    np.testing.assert_array_equal(after.mixture.means[1], state.mixture.means[1])
    assert after.mixture.weights[[0, 2]].sum() == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("polygon", "component", "message"),
    [
        (np.array(SQUARE) + 100, None, "0 points are in the selection"),
        (np.array(SQUARE) * 100, None, "all points"),
        (np.array(SQUARE) + 100, 0, "component A has no points inside"),
        (np.array(SQUARE) * 100, 0, "component A has no points outside"),
    ],
)
def test_selections_that_make_no_component(
    polygon: np.ndarray, component: int | None, message: str
) -> None:
    """Nothing, or everything, is enclosed: an error that says so."""
    points, state = opened()
    with pytest.raises(ValueError, match=message):
        carve(points, state, Settings(), polygon=polygon, dims=(0, 1), component=component)


def test_points_on_a_line_are_no_component() -> None:
    """Ten of them inside; under a shared shape they are one all the same."""
    line = np.stack([np.arange(10.0), 2 * np.arange(10.0)], axis=1)
    points = Points.of(np.vstack([line, cloud() + 100]))
    around = np.array([[-1.0, -1.0], [50.0, -1.0], [50.0, 50.0], [-1.0, 50.0]])
    for name in ("full", "tied"):
        state = State.of(Mixture([1.0], [[100.0, 100.0]], [np.eye(2) * 9]), structure(name))
        if name == "full":
            with pytest.raises(ValueError, match="10 points in the selection lie on a line"):
                carve(points, state, Settings(), polygon=around, dims=(0, 1))
            continue
        after = carve(points, state, Settings(), polygon=around, dims=(0, 1))
        np.testing.assert_array_equal(after.mixture.covariances[1], np.eye(2) * 9)


def test_a_session_carves_and_takes_it_back() -> None:
    """One entry of the history, and undo gives back every bit."""
    points, state = opened()
    session = Session(points, state)
    session.carve(SQUARE, (0, 1))
    assert session.state.mixture.n_components == 2
    assert session.history.present.cause == "carve"
    session.undo()
    assert session.state.mixture == state.mixture


def command(**args: object) -> object:
    """The command as a browser sends it."""
    envelope = {"kind": "command", "client": "c", "seq": 1}
    return parse(envelope | {"name": "carve", "args": args}).content


def test_the_command_is_checked_and_bounded() -> None:
    """Corners are pairs of finite numbers, 3 to 512 of them; the rest is as for other acts."""
    assert command(polygon=SQUARE, dims=[0, 1]) is not None
    for bad in (SQUARE[:2], SQUARE * 200, [[0, 0], [1, "x"], [1, 1]], [[0, 0, 0]] * 3, None):
        with pytest.raises(ValueError, match="polygon"):
            command(polygon=bad, dims=[0, 1])
    with pytest.raises(ValueError, match="component"):
        command(polygon=SQUARE, dims=[0, 1], component=-1)
    with pytest.raises(ValueError, match="arguments"):
        command(polygon=SQUARE)
