"""What is laid over the points, against the kernel's own figures."""

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.browser.cells import TWO
from tests.browser.conftest import OpenNotebook
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.test_picture import NO_WEBGL
from tests.browser.widget_view import WidgetView, box_of

AROUND = TWO.replace(
    "[[2.4, 60.0], [4.2, 78.0]], [spread / 4, spread / 5]",
    "[[3.4, 70.0], [3.5, 71.0]], [spread * 1.5, spread / 30]",
)
OUTSIDE = "(w.mixture.log_density(df.to_numpy()) < {level}).sum().item()"


@pytest.fixture(params=["", NO_WEBGL], ids=["webgl", "plain"])
def notebook(
    lab: Server, open_notebook: OpenNotebook, request: pytest.FixtureRequest
) -> NotebookPage:
    """A notebook with two components, one of which wraps the other, with and without WebGL."""
    opened = open_notebook(lab, [AROUND], request.param)
    opened.run_cell(0)
    opened.page.locator('.gmm-root[data-gmm-points="all"]').wait_for()
    return opened


def drawn(view: WidgetView, name: str) -> NDArray[np.float64]:
    """Return the corners of a line, in data units (corners, 2)."""
    path = view.root.locator(f"path.{name}[d]")
    path.wait_for(state="attached")
    pairs = re.findall(r"[ML]([\d.-]+) ([\d.-]+)", path.get_attribute("d") or "")
    (x0, x1, y0, y1), (_, _, width, height) = view.extent(), box_of(view.plot)
    return np.array(pairs, float) * [(x1 - x0) / width, (y0 - y1) / height] + [x0, y1]


def sides(view: WidgetView, line: NDArray[np.float64]) -> Iterator[list[list[float]]]:
    """Yield pairs of points, four pixels to either side of each short piece of a line."""
    (x0, x1, y0, y1), (_, _, width, height) = view.extent(), box_of(view.plot)
    pixel = np.array([(x1 - x0) / width, (y1 - y0) / height])
    for a, b in itertools.pairwise(line):
        along = (b - a) / pixel
        if not 1 < np.hypot(*along) < 8:  # a rounded stub, or the way to another part of the line
            continue
        across = np.array([-along[1], along[0]]) / np.hypot(*along) * pixel * 4
        middle = (a + b) / 2
        yield [(middle + across).tolist(), (middle - across).tolist()]


def test_boundaries_part_the_clusters(notebook: NotebookPage) -> None:
    """On either side of the line another component is the strongest, in the kernel; by key too."""
    view = notebook.widget()
    view.part("Component A").focus()
    view.page.keyboard.press("b")
    line = drawn(view, "gmm-border")
    pairs = list(sides(view, line))[::5]
    assert len(pairs) > 10
    points = [point for pair in pairs for point in pair]
    found = notebook.evaluate(f"w.mixture.responsibilities({points}).argmax(1).tolist()")
    assert all(a != b for a, b in zip(found[::2], found[1::2], strict=True))
    # All the way round the inner one: the line lies on all four sides of its centre.
    from_centre = line - notebook.evaluate("w.mixture.means[1].tolist()")
    assert len({(x > 0, y > 0) for x, y in from_centre.tolist()}) == 4
    view.button("Decision boundaries").click()
    view.root.locator("path.gmm-border:not([d])").wait_for(state="attached")


def test_outliers_are_those_below_the_level(notebook: NotebookPage) -> None:
    """The words, the rings and the line say the same as the kernel's density; the keyboard too."""
    view = notebook.widget()
    view.button("Outliers").click()
    slider = view.root.get_by_role("slider", name="Share of the model that counts as outside")
    slider.focus()
    for _ in range(25):
        view.page.keyboard.press("ArrowRight")
    view.page.wait_for_timeout(300)  # until it is drawn
    line = drawn(view, "gmm-level")
    logs = np.array(notebook.evaluate(f"w.mixture.log_density({line.tolist()}).tolist()"))
    level = float(np.median(logs))
    assert np.abs(logs - level).max() < 0.1
    share = float((slider.get_attribute("aria-valuetext") or "").removesuffix(" %")) / 100
    drawn_below = f"(lambda x: (w.mixture.log_density(x) < {level}).mean().item())"
    model = notebook.evaluate(
        f"{drawn_below}(w.mixture.sample(200_000, np.random.default_rng(0))[0])"
    )
    assert model == pytest.approx(share, abs=0.015)
    words = view.root.locator(".gmm-outliers-words").inner_text()
    told = int(words.split()[0])
    exact = [notebook.evaluate(OUTSIDE.format(level=level + d)) for d in (-0.1, 0.1)]
    assert exact[0] <= told <= exact[1]
    rings = view.root.locator("path.gmm-out").get_attribute("d") or ""
    assert rings.count("M") == told
    assert told > 0


def test_the_line_of_the_outliers_is_pulled(notebook: NotebookPage) -> None:
    """Pulled inwards the line takes in less of the model: more points are outside."""
    view = notebook.widget()
    view.button("Outliers").click()
    line, words = drawn(view, "gmm-level"), view.root.locator(".gmm-outliers-words")
    before, (left, top, width, height) = words.inner_text(), box_of(view.plot)
    places = [view.data_to_pixel(x, y) for x, y in line.tolist()]
    x, y = next(
        (x, y)
        for x, y in places
        if left + 20 < x < left + width - 20 and top + 20 < y < top + height - 20
    )
    centre = view.middle(view.part("Centre of B"))
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + 0.4 * (centre[0] - x), y + 0.4 * (centre[1] - y), steps=5)
    view.page.mouse.up()
    share = float(words.inner_text().split("inner ")[1].split(" %")[0])
    assert share < float(before.split("inner ")[1].split(" %")[0]) - 1
    assert notebook.evaluate("w._released") == 0


def test_a_sample_follows_the_hand(notebook: NotebookPage) -> None:
    """As many crosses as points; the same again at rest, and others once a component moved."""
    view = notebook.widget()
    view.page.keyboard.press("Escape")
    view.button("Model sample").click()
    crosses = view.root.locator("path.gmm-sample[d]")
    crosses.wait_for(state="attached")
    first = crosses.get_attribute("d") or ""
    assert 0.8 * 272 < first.count("M") <= 272
    for _ in range(2):
        view.button("Model sample").click()
    assert crosses.get_attribute("d") == first
    view.drag(view.part("Centre of B"), 60, -30)
    assert crosses.get_attribute("d") != first


def test_contours_enclose_the_mass_they_name(notebook: NotebookPage) -> None:
    """Each line's density has the named share of the kernel's own draws above it."""
    view = notebook.widget()
    view.button("Density contours").click()
    view.root.locator(".gmm-density[d]").first.wait_for(state="attached")
    labels = view.root.locator(".gmm-mass").all_text_contents()
    for label, line in zip(labels, view.root.locator(".gmm-density").all(), strict=True):
        pairs = re.findall(r"M([\d.-]+) ([\d.-]+)", line.get_attribute("d") or "")
        if not pairs:
            continue  # wholly out of view
        (x0, x1, y0, y1), (_, _, width, height) = view.extent(), box_of(view.plot)
        points = np.array(pairs, float) * [(x1 - x0) / width, (y0 - y1) / height] + [x0, y1]
        level = notebook.evaluate(f"float(np.median(w.mixture.log_density({points.tolist()})))")
        draws = "w.mixture.sample(100_000, np.random.default_rng(1))[0]"
        inside = notebook.evaluate(f"(w.mixture.log_density({draws}) > {level}).mean().item()")
        assert inside == pytest.approx(float(label.removesuffix(" %")) / 100, abs=0.015)


def test_ellipses_at_masses(notebook: NotebookPage) -> None:
    """The outermost ellipse has 95 % of its component inside, and the handles are on it."""
    view = notebook.widget()
    axis = view.part("Axis 1 of B")
    before = axis.get_attribute("data-gmm-at")
    view.root.get_by_role("combobox", name="Ellipses").select_option("50–95 %")
    expect(axis).not_to_have_attribute("data-gmm-at", before or "")
    x, y = view.pixel_to_data(*view.middle(axis))
    mean, covariance = notebook.evaluate(
        "[w.mixture.means[1].tolist(), w.mixture.covariances[1].tolist()]"
    )
    away = np.array([x, y]) - mean
    square = away @ np.linalg.solve(covariance, away)
    assert 1 - np.exp(-square / 2) == pytest.approx(0.95, abs=0.01)
