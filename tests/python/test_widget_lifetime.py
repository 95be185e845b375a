"""Old widgets are let go in a real kernel; those that are shown, or referred to, keep working."""

import asyncio
import json
import uuid
import weakref
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest
from jupyter_client.manager import start_new_kernel
from session_help import three_clusters

from gmm_widget import GMMWidget
from gmm_widget.widget import lifetime

PREPARE = """
import sys, weakref
import numpy as np
from gmm_widget import GMMWidget
from gmm_widget.widget import lifetime
lifetime.GRACE = 0.02
x = np.random.default_rng(0).normal(size=(2000, 2))
points = []
def made(**options):
    w = GMMWidget(x, 2, random_state=0, **options)
    points.append(weakref.ref(w._session.points))
    return w
"""
ALIVE = "sum(each() is not None for each in points)"
VIEW = "application/vnd.jupyter.widget-view+json"


class Front:
    """A front end without a browser: runs cells, opens and closes views, and takes messages."""

    def __init__(self) -> None:
        self.manager, self.client = start_new_kernel()
        self.shown: list[str] = []
        self.run(PREPARE)

    def run(self, code: str) -> Any:
        """Run a cell; the model shown in it becomes the last of `shown`. Returns its result."""
        results: list[Any] = []

        def take(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] in ("display_data", "execute_result"):
                if VIEW in content["data"]:
                    self.shown.append(content["data"][VIEW]["model_id"])
                results.append(content["data"]["text/plain"])

        reply = self.client.execute_interactive(code, output_hook=take, timeout=60)
        assert reply["content"]["status"] == "ok", reply["content"]
        return results[-1] if results else None

    def tell(self, model: str, **content: Any) -> None:
        """Send a message to a widget, as its view would."""
        data = {"method": "custom", "content": {"seq": 1, **content}}
        message = self.client.session.msg("comm_msg", {"comm_id": model, "data": data})
        self.client.shell_channel.send(message)

    def close_view(self, model: str) -> None:
        """The output is cleared; the kernel has time to let the widget go."""
        self.tell(model, kind="goodbye", client=model)
        self.run("import asyncio; await asyncio.sleep(0.1)")

    def open_view(self, model: str) -> None:
        """The output is drawn."""
        self.tell(model, kind="hello", client=model, data_rev=-1)


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    """One kernel for all tests of this file."""
    front = Front()
    yield front
    front.client.stop_channels()
    front.manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("show", ["w", "display(w)", "display(w); w"])
def test_a_cell_that_runs_again_and_again_keeps_one_widget(front, show):
    before, views = int(front.run(ALIVE)), []
    for _ in range(20):
        last = len(front.shown)
        front.run(f"w = made(); {show}")
        views += [(model, str(n)) for n, model in enumerate(front.shown[last:])]
        for model, view in views[-len(front.shown[last:]) :]:
            front.tell(model, kind="hello", client=view, data_rev=-1)
        for model, view in views[: -len(front.shown[last:])]:
            front.tell(model, kind="goodbye", client=view)
    front.run("import asyncio; await asyncio.sleep(0.1)")
    alive = int(front.run(ALIVE))
    assert alive - before <= 1
    assert int(front.run("len(w.data)")) == 2000, "the last one is there"
    registered = "sum(type(each).__name__ == 'GMMWidget' for each in GMMWidget._instances.values())"
    front.run("from ipywidgets.widgets import widget; GMMWidget._instances = widget._instances")
    assert int(front.run(registered)) <= alive


def test_a_widget_that_is_shown_works_under_an_overwritten_name(front):
    front.run("shown = made(); seen = weakref.ref(shown); display(shown)")
    model = front.shown[-1]
    front.open_view(model)
    front.run("shown = None; _ = __ = ___ = 0")
    front.tell(
        model, kind="edit", client=model, seq=7, component=0, dims=[0, 1], mean=[9.0, 8.0],
        gesture=1, final=True,
    )  # fmt: skip
    front.run("import asyncio; await asyncio.sleep(0.2)")
    assert int(front.run(f"seen()._fit['acks'][{model!r}]")) == 7
    assert json.loads(front.run("seen().mixture.means[0].tolist()")) == [9.0, 8.0]
    front.close_view(model)
    assert front.run("seen() is None") == "True"


def test_a_second_view_keeps_it_and_so_does_a_display_that_is_still_to_open(front):
    front.run("w = made(); seen = weakref.ref(w); display(w)")
    model = front.shown[-1]
    front.open_view(model)
    front.tell(model, kind="hello", client="other", data_rev=-1)
    front.run("del w")
    front.close_view(model)
    assert front.run("seen() is None") == "False"
    front.run("display(seen())")
    front.tell(model, kind="goodbye", client="other")
    front.run("import asyncio; await asyncio.sleep(0.1)")
    assert front.run("seen() is None") == "False"
    front.open_view(model)
    front.close_view(model)
    assert front.run("seen() is None") == "True"


@pytest.mark.parametrize(
    ("holder", "drop"),
    [
        ("kept = w", "kept = None"),
        ("kept = [w]", "kept.clear()"),
        ("kept = widgets.HBox([w])", "kept.children = ()"),
    ],
)
def test_what_something_refers_to_is_kept_and_can_be_shown_again(front, holder, drop):
    front.run(f"import ipywidgets as widgets; w = made(); seen = weakref.ref(w); {holder}; w")
    model = front.shown[-1]
    front.open_view(model)
    front.run("w = None")
    front.close_view(model)
    assert front.run("seen() is None") == "False"
    front.run("display(seen())")
    assert front.shown[-1] == model
    front.open_view(model)
    front.run(f"seen().step(); {drop}")
    front.close_view(model)
    assert front.run("seen() is None") == "True"


def test_a_run_ends_with_its_widget(front):
    front.run("w = made(tolerance=0.0); seen = weakref.ref(w); w.speed = 0.1; w.run(); w")
    model = front.shown[-1]
    front.open_view(model)
    front.run("w = None")
    front.close_view(model)
    assert front.run("seen() is None") == "True"
    running = "[t for t in asyncio.all_tasks() if '_work' in repr(t)]"
    front.run("import asyncio; await asyncio.sleep(0.1)")
    assert front.run(running) == "[]"


def test_a_page_that_is_loaded_again_finds_widgets_that_are_not_shown():
    w = GMMWidget(three_clusters(), 3, random_state=0)
    state, _ = ipywidgets.Widget.get_manager_state(), None
    assert w.model_id in state["state"]
    model = w.model_id
    del w
    assert model not in ipywidgets.Widget.get_manager_state()["state"]


def test_without_a_loop_a_view_that_closes_lets_go_at_once(monkeypatch):
    monkeypatch.setattr(lifetime, "GRACE", 0.0)
    w = GMMWidget(three_clusters(), 3, random_state=0)
    seen, connection = weakref.ref(w), w._connection
    connection.receive({"kind": "hello", "client": "me", "seq": 1, "data_rev": -1})
    del w
    assert seen() is not None
    connection.receive({"kind": "goodbye", "client": "me", "seq": 2})
    assert seen() is None


def test_closing_releases_at_once():
    async def play() -> None:
        w = GMMWidget(three_clusters(), 3, random_state=0)
        seen, points = weakref.ref(w), weakref.ref(w._session.points)
        w._connection.receive({"kind": "hello", "client": "me", "seq": 1, "data_rev": -1})
        w.run()
        await w.settled()
        w.close()
        del w
        assert seen() is None
        for _ in range(1000):  # the worker thread drops its last job when it comes to it
            if points() is None:
                break
            await asyncio.sleep(0.005)
        assert points() is None

    asyncio.run(play())


def test_views_that_say_nonsense_about_themselves_are_harmless():
    w = GMMWidget(three_clusters(), 3, random_state=0)
    for kind in ("goodbye", "hello", "hello", "goodbye", "goodbye"):
        message = {"kind": kind, "client": str(uuid.uuid4())[:8], "seq": 1, "data_rev": -1}
        w._connection.receive(message)
    w.step()
