"""Other columns on show: asked for by a view or from Python, checked, and sent anew."""

import numpy as np
import pytest

from gmm_widget import GMMWidget
from gmm_widget.protocol.connection import Connection
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.create import create_session
from gmm_widget.session.plane import Plane
from gmm_widget.session.settings import Settings

COLUMNS = {"a": 0, "b": 5, "c": 100, "d": -3}


def table(n: int = 400) -> dict[str, np.ndarray]:
    """Four columns about different places."""
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=n) + centre for name, centre in COLUMNS.items()}


class Views:
    """A link with no event loop, and what it sends and shows."""

    def __init__(self) -> None:
        opened = create_session(table(), 2, "full", None, None, None, None, 0, Settings())
        driver = Driver(opened.session, lambda idle: None, lambda problem: None)
        self.session = opened.session
        self.sent: list[tuple[dict, list]] = []
        self.shown: list[tuple[Plane, dict]] = []
        self.link = Connection(
            driver,
            opened.plane,
            lambda *message: self.sent.append(message),
            lambda *shown: self.shown.append(shown),
        )

    def tell(self, **message: object) -> dict:
        """Send a message and return the last answer."""
        self.link.receive({"client": "me", "seq": 1, **message})
        return next(content for content, _ in reversed(self.sent) if content["kind"] == "ack")

    def turn(self, dims: object) -> dict:
        """Ask for other columns."""
        return self.tell(kind="command", name="set_dims", args={"dims": dims})


def test_the_points_are_sent_anew_in_the_columns_asked_for() -> None:
    """Another revision of the data, a preview of all rows, and chunks of just those columns."""
    views = Views()
    before = views.session.state
    assert views.turn([3, 1])["error"] is None
    ((plane, preview),) = views.shown
    assert (plane.dims, plane.rev) == ((3, 1), 2)
    assert preview["extent"] == plane.extent
    views.tell(kind="hello", data_rev=1)
    content, (buffer,) = next(found for found in views.sent if found[0]["kind"] == "data")
    assert content["data_rev"] == 2
    xy = np.frombuffer(buffer, np.float32).reshape(-1, 2) * plane.scale + plane.origin
    data = table()
    np.testing.assert_allclose(xy, np.stack([data["d"], data["b"]], axis=1), atol=1e-6)
    assert views.session.state is before


@pytest.mark.parametrize("dims", [[0, 4], [1, 1], [0], [0, -1], [0, 1, 2], ["a", "b"], None, 7])
def test_what_is_no_pair_of_columns_is_refused(dims: object) -> None:
    """The answer says why, and nothing else is shown."""
    views = Views()
    assert views.turn(dims)["error"]
    assert views.shown == []
    assert views.link.plane.dims == (0, 1)


def test_counts_are_of_the_plane_that_they_were_asked_of() -> None:
    """A grid carries the revision of the points that were counted."""
    views = Views()
    views.turn([0, 2])
    plane = views.link.plane
    views.tell(kind="region", data_rev=2, extent=plane.extent, shape=[4, 4])
    (content, _) = next(found for found in views.sent if found[0]["kind"] == "grid")
    assert content["data_rev"] == 2


def test_columns_are_chosen_by_name_from_python() -> None:
    """The view follows at once; names that there are not are named."""
    w = GMMWidget(table(), random_state=0)
    mixture = w.mixture
    assert w.dims == ("a", "b")
    w.dims = ("c", "a")
    assert w.dims == ("c", "a")
    assert w._view["dims"] == [2, 0]
    assert w._view["data_rev"] == 2
    assert w._preview["extent"] == w._view["extent"]
    assert w.mixture == mixture
    with pytest.raises(ValueError, match="no column 'z'"):
        w.dims = ("a", "z")
    low, high = w._view["extent"][:2]
    assert low < 100 < high
    w.close()


def test_a_selection_from_python_is_of_the_columns_on_show() -> None:
    """Rows with c below 100, whatever the first columns are."""
    w = GMMWidget(table(), n_components=1, random_state=0)
    w.dims = ("c", "d")
    w.carve([[0, -50], [100, -50], [100, 50], [0, 50]])
    c = table()["c"]
    assert w.mixture.means[1, 2] == pytest.approx(c[c < 100].mean())
    w.close()
