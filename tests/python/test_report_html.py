"""Pages that are files: what is in them, what can't leave its place, how large they get."""

from __future__ import annotations

import base64
import hashlib
import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from gmm_widget import GMMWidget
from gmm_widget.protocol.handout_state import GRID, MOST_POINTS
from gmm_widget.report.html import page

HOSTILE = ("</script><script>alert(1)</script>", "<!--<img src=x onerror=alert(1)>\u2028&amp;")


class Reader(HTMLParser):
    """Elements by tag, and the text of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", {}, ""))

    def handle_data(self, data: str) -> None:
        if self.found:
            tag, attrs, text = self.found[-1]
            self.found[-1] = (tag, attrs, text + data)

    def texts(self, tag: str) -> list[str]:
        return [text for name, _, text in self.found if name == tag]


def saved(widget: GMMWidget, folder: Path, title: str = "A title") -> Reader:
    widget.save_html(folder / "page.html", title)
    return Reader((folder / "page.html").read_text(encoding="utf-8"))


def contents(reader: Reader) -> dict[str, dict[str, object]]:
    held: dict[str, dict[str, object]] = json.loads(reader.texts("script")[0])
    return held


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(size=(300, 2)), rng.normal([6, 1], size=(200, 2))])


def test_a_page_holds_the_mixture_and_the_points(x: np.ndarray, tmp_path: Path) -> None:
    w = GMMWidget(x, 3, random_state=0)
    held = contents(saved(w, tmp_path))
    traits = held["traits"]
    assert traits["mixture"] == w.mixture.to_json()
    assert traits["_fit"]["log_likelihood"] == w.log_likelihood
    xy = np.frombuffer(base64.b64decode(held["points"]), "<f4").reshape(-1, 2)
    back = xy * np.array(w._view["scale"]) + np.array(w._view["origin"])
    np.testing.assert_allclose(back, x, atol=1e-6)


def test_a_page_asks_nothing_of_the_network(x: np.ndarray, tmp_path: Path) -> None:
    """The policy allows the very script and style that are inside, and nothing is referred to."""
    reader = saved(GMMWidget(x, random_state=0), tmp_path)
    policy = next(
        attrs["content"] or ""
        for tag, attrs, _ in reader.found
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in policy
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        text = reader.texts(tag)[-1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert not [attrs for _, attrs, _ in reader.found if {"src", "href"} & set(attrs)]


def test_names_from_data_stay_text(x: np.ndarray, tmp_path: Path) -> None:
    data = dict(zip(HOSTILE, x.T, strict=True))
    reader = saved(GMMWidget(data, random_state=0), tmp_path, HOSTILE[0])
    assert [tag for tag, _, _ in reader.found].count("script") == 2
    assert "img" not in [tag for tag, _, _ in reader.found]
    assert contents(reader)["traits"]["_view"]["columns"] == list(HOSTILE)
    assert reader.texts("title") == [HOSTILE[0]]
    assert HOSTILE[1] in reader.texts("p")[0]


def test_many_points_are_counted(tmp_path: Path) -> None:
    """The size is bounded, no point is lost, and the page says what it holds."""
    x = np.random.default_rng(1).normal(size=(MOST_POINTS + 1, 2))
    reader = saved(GMMWidget(x, random_state=0), tmp_path)
    held = contents(reader)
    preview = held["traits"]["_preview"]
    assert held["points"] is None
    assert preview["shape"] == [GRID, GRID]
    quantised = np.frombuffer(base64.b64decode(preview["counts"]), np.uint8)
    counts = np.rint(np.expm1(quantised / 255 * np.log1p(preview["max"])))
    assert counts.sum() == pytest.approx(len(x), rel=0.01)
    assert any("counts on a grid" in text for text in reader.texts("p"))
    assert (tmp_path / "page.html").stat().st_size < 1_000_000


def test_the_largest_page_with_points_is_bounded(tmp_path: Path) -> None:
    x = np.random.default_rng(1).normal(size=(MOST_POINTS, 2))
    assert contents(saved(GMMWidget(x, random_state=0), tmp_path))["points"]
    assert (tmp_path / "page.html").stat().st_size < 1_000_000


def test_a_page_of_a_run_is_at_rest(x: np.ndarray, tmp_path: Path) -> None:
    w = GMMWidget(x, 3, random_state=0)
    w.run()
    traits = contents(saved(w, tmp_path))["traits"]
    w.stop()
    assert traits["running"] is False
    assert traits["_fit"]["can_undo"] is False


def test_weights_are_said_to_be_missing(x: np.ndarray, tmp_path: Path) -> None:
    """EM on rows without their weights would be another fit, so it is not offered."""
    w = GMMWidget(x, 2, random_state=0, sample_weight=np.arange(1.0, len(x) + 1))
    reader = saved(w, tmp_path)
    assert contents(reader)["weighted"] is True
    assert "rows had weights" in reader.texts("p")[-1]
    hiding = reader.texts("style")[-1].splitlines()[-1]
    assert '[data-gmm-needs="all-data"]' in hiding
    assert "aria-label" not in hiding, "names may change without a button coming back"


def test_a_script_that_would_end_itself_is_refused() -> None:
    held = {"traits": {}, "points": None, "weighted": False}
    with pytest.raises(ValueError, match="rebuild"):
        page(held, "", "'</script>'", "")
