"""Every notebook in real JupyterLab: all cells run, its widgets come, its exercise is done by hand.

What a notebook asks of its reader is done here with the mouse and the keyboard; then its own check
says that it is solved or, where it has none, the kernel's mixture tells.
"""

from collections.abc import Callable
from functools import partial
from operator import eq, gt, ne

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenNotebook
from tests.browser.servers import Server
from tests.browser.tutorial import FOLDER, NAMES, Tutorial, carry, draw
from tests.browser.widget_view import WidgetView

KNOTS = ((-1.5, -1.0), (2.0, -1.0), (0.2, 2.0))
MIXTURE = "w.mixture.to_json()"
COUNT = "w.mixture.n_components"
# What the run of a notebook must have said, by the id of the cell that says it.
SAYS = {
    "em_by_hand": {"book-check": 6 * ["same"], "book-mixture": ["0.43 N(3.64, 1.63)"]},
    "local_optima": {"by-code": ["Solved"], "search": ["20 of 20 starts"]},
    "soft_and_hard": {"hard-end": ["0 labels differ"]},
    "how_many": {"fit": ["2314.296*"], "answers": ["3 components, tied"]},
    "collapse": {"error": ["component 2 collapsed"], "floor": ["collapsed"]},
    "flow_cytometry": {"by-hand": ["nats better than the automatic fit"]},
}


def quickstart(tutorial: Tutorial, view: WidgetView) -> None:
    """A letter is dragged, EM answers with a step, both are taken back, and EM runs."""
    page = tutorial.notebook
    page.eventually("w.converged and not w.running", bool)
    before = page.evaluate(MIXTURE)
    view.wait_until_at("Centre of A", *before["means"][0])
    x, y = view.drag(view.part("Centre of A"), 60, -40)
    page.eventually("w.mixture.means[0].tolist()", partial(view.is_at, x, y))
    moved = page.evaluate(MIXTURE)
    view.button("EM step").click()
    page.eventually(MIXTURE, partial(ne, moved))
    for state in (moved, before):
        view.button("Undo").click()
        page.eventually(MIXTURE, partial(eq, state))
    tutorial.run(view)


def em_by_hand(tutorial: Tutorial, view: WidgetView) -> None:
    """Letters dragged to where the two kinds of eruptions are pass the first check."""
    assert tutorial.verdict("first-check").startswith("Not yet")
    carry(view, "Centre of A", 2.04, 54.5)
    carry(view, "Centre of B", 4.29, 80.0)
    tutorial.notebook.eventually("w.log_likelihood is not None and w.log_likelihood > -1350", bool)
    assert tutorial.verdict("first-check").startswith("Solved")


def local_optima(tutorial: Tutorial, view: WidgetView) -> None:
    """A component is made of each knot that a box is drawn around, and EM ends far above."""
    assert tutorial.verdict("check").startswith("Not yet")
    set_count(tutorial, view, 1)
    for least, (x, y) in enumerate(KNOTS, start=2):
        view.button("Select box").click()
        draw(view, (x - 0.7, y - 0.7), (x + 0.7, y + 0.7))
        view.button("New component from selection").click()
        tutorial.notebook.eventually(COUNT, partial(eq, least))
    tutorial.picture("drawn")
    tutorial.run(view)
    assert tutorial.verdict("check").startswith("Solved")


def soft_and_hard(tutorial: Tutorial, view: WidgetView) -> None:
    """The slider hardens the shares; then circles are tried, and EM goes on from them in full."""
    page = tutorial.notebook
    choose(tutorial, view, "Spherical")
    tutorial.run(view)
    for shape in page.evaluate("w.mixture.covariances.tolist()"):
        np.testing.assert_allclose(shape, shape[0][0] * np.eye(2), atol=1e-9)
    circles = page.evaluate("w.log_likelihood")
    choose(tutorial, view, "Full")
    tutorial.run(view)
    assert page.evaluate("w.log_likelihood") > circles
    tutorial.view("slider")
    page.page.locator(".noUi-handle").press("Home")
    page.eventually("w.mixture == tempered(fitted, 0.02)", bool)


def covariance_structures(tutorial: Tutorial, view: WidgetView) -> None:
    """A locked shape stays while the others move, and to hold it costs nats."""
    page, shape = tutorial.notebook, "w.mixture.covariances[0].tolist()"
    choose(tutorial, view, "Full")
    view.button("Lock shape of A").click()
    page.eventually("w._fit['locks'][0]['covariance']", bool)
    held = page.evaluate(shape)
    tutorial.run(view)
    assert page.evaluate(shape) == held
    locked = page.evaluate("w.log_likelihood")
    view.button("Lock shape of A").click()
    page.eventually("w._fit['locks'][0]['covariance']", lambda on: not on)
    tutorial.run(view)
    assert page.evaluate(shape) != held
    assert page.evaluate("w.log_likelihood") > locked + 1


def how_many(tutorial: Tutorial, view: WidgetView) -> None:
    """Three tied components, and EM: the notebook's check is content with their BIC."""
    assert tutorial.verdict("check").startswith("Not yet")
    choose(tutorial, view, "Tied")
    set_count(tutorial, view, 3)
    tutorial.run(view)
    assert tutorial.verdict("check").startswith("Solved")


def collapse(tutorial: Tutorial, view: WidgetView) -> None:
    """C is put onto a lone point and pulled in; the run ends and names it."""
    page, mean = tutorial.notebook, "w.mixture.means[2].tolist()"
    while page.evaluate("w.mixture.covariances[2, 0, 0].item()") < 1e-2:
        before = page.evaluate(MIXTURE)
        view.button("Undo").click()
        page.eventually(MIXTURE, partial(ne, before))
    view.wait_until_at("Centre of C", *page.evaluate(mean))
    view.part("Component C").focus()
    x, y = carry(view, "Centre of C", 3.067, 69.0)
    page.eventually(mean, partial(view.is_at, x, y))
    carry(view, "Axis 1 of C", 3.08, 69.0)
    page.eventually("w.mixture.covariances[2, 0, 0].item()", partial(gt, 1e-3))
    tutorial.picture("pulled-in")
    view.button("Run").click()
    notice = page.eventually("w._fit['notice']", bool)
    assert notice["sentences"][0][:2] == ["collapsed", [2]]
    expect(view.root.get_by_text("collapsed").first).to_be_visible()


def a_million_points(tutorial: Tutorial, view: WidgetView) -> None:
    """After a drag the figure is exact over all points, and a run leads back."""
    page = tutorial.notebook
    best = page.evaluate("w.log_likelihood")
    x, y = view.drag(view.part("Centre of D"), -60, 40)
    (index,) = page.evaluate("[i for i in range(4) if w._fit['ids'][i] == 3]")
    page.eventually(f"w.mixture.means[{index}].tolist()", partial(view.is_at, x, y))
    shown = page.eventually("w.log_likelihood", lambda value: value is not None)
    assert shown == pytest.approx(page.evaluate("w.mixture.log_density(x).sum()"), rel=1e-10)
    assert shown < best
    tutorial.run(view)
    assert page.evaluate("w.log_likelihood") == pytest.approx(best, abs=1)


def many_columns(tutorial: Tutorial, view: WidgetView) -> None:
    """A letter dragged in one plane has moved in the other, and Undo gives every bit back."""
    page = tutorial.notebook
    before = page.evaluate(MIXTURE)
    view.wait_until_at("Centre of A", *before["means"][0][:2])
    x, y = view.drag(view.part("Centre of A"), 50, -30)
    page.eventually("w.mixture.means[0].tolist()", partial(view.is_at, x, y))
    mean = page.evaluate("w.mixture.means[0].tolist()")
    assert all(abs(mean[j] - before["means"][0][j]) > 1e-3 for j in (2, 3))
    for side, column in (("Horizontal", "flipper_length_mm"), ("Vertical", "body_mass_g")):
        view.root.get_by_role("combobox", name=f"{side} column").select_option(column)
        page.eventually(f"{column!r} in w.dims", bool)
    view.root.locator(".gmm-label", has_text="↑ body_mass_g").wait_for(state="attached")
    view.wait_until_at("Centre of A", mean[2], mean[3])
    view.button("Undo").click()
    page.eventually(MIXTURE, partial(eq, before))


def outliers_density_sampling(tutorial: Tutorial, view: WidgetView) -> None:
    """The three overlays come at a click, and the rare rows are counted in words."""
    before = tutorial.notebook.evaluate("w.log_likelihood")
    for name in ("Density contours", "Outliers", "Model sample"):
        view.button(name).click()
        expect(view.button(name)).to_have_attribute("aria-pressed", "true")
    words = view.root.locator(".gmm-outliers-words")
    expect(words).to_contain_text("of 272 points")
    assert 0 < int(words.inner_text().split()[0]) < 14
    assert tutorial.notebook.evaluate("w.log_likelihood") == before


def flow_cytometry(tutorial: Tutorial, view: WidgetView) -> None:
    """Four lassos, the rest deleted, and EM: far better than the automatic fit."""
    page = tutorial.notebook
    set_count(tutorial, view, 1)
    (rest,) = page.evaluate("w._fit['ids']")
    polygons = page.evaluate("list(regions.values())")
    for least, corners in enumerate(polygons, start=2):
        view.button("Select lasso").click()
        draw(view, *inside(view, [*corners, corners[0]]))
        view.button("New component from selection").click()
        page.eventually(COUNT, partial(eq, least))
    view.button(f"Delete {chr(ord('A') + rest)}").click()
    page.eventually(COUNT, partial(eq, 4))
    tutorial.picture("drawn")
    tutorial.run(view)
    assert page.evaluate("w.log_likelihood - automatic") > 200


EXERCISES: dict[str, Callable[[Tutorial, WidgetView], None]] = {
    each.__name__: each
    for each in (
        quickstart,
        em_by_hand,
        local_optima,
        soft_and_hard,
        covariance_structures,
        how_many,
        collapse,
        a_million_points,
        many_columns,
        outliers_density_sampling,
        flow_cytometry,
    )
}


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_works_for_its_reader(
    name: str, lab: Server, open_notebook: OpenNotebook
) -> None:
    """It runs without an error or a warning and says what it claims; widgets; the exercise."""
    tutorial = Tutorial(name, open_notebook(lab, FOLDER / f"{name}.ipynb"))
    assert tutorial.warnings() == []
    for ident, texts in SAYS.get(name, {}).items():
        for text in set(texts):
            assert tutorial.said(ident).count(text) >= texts.count(text), tutorial.said(ident)
    if name == "outliers_density_sampling":  # a figure shows itself, without pyplot
        assert "image/png" in tutorial.shown("figure")
    first, *others = tutorial.widgets()
    for ident in others:
        tutorial.view(ident)
    EXERCISES[name](tutorial, tutorial.view(first))
    tutorial.picture("done")
    assert tutorial.warnings() == []


def set_count(tutorial: Tutorial, view: WidgetView, k: int) -> None:
    """Type a number of components, and wait until there are as many."""
    view.part("Number of components").fill(str(k))
    view.part("Number of components").press("Enter")
    tutorial.notebook.eventually(COUNT, partial(eq, k))


def choose(tutorial: Tutorial, view: WidgetView, structure: str) -> None:
    """Choose a covariance structure in the menu, and wait until the kernel has it."""
    view.part("Covariance structure").select_option(label=structure)
    tutorial.notebook.eventually("w.covariance_type", partial(eq, structure.lower()))


def inside(view: WidgetView, corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """These points of the data, drawn in to what the plot shows of the plane."""
    x0, x1, y0, y1 = view.extent()
    margin = 0.01 * (x1 - x0), 0.01 * (y1 - y0)
    low, high = (x0 + margin[0], y0 + margin[1]), (x1 - margin[0], y1 - margin[1])
    return [(float(x), float(y)) for x, y in np.clip(corners, low, high)]
