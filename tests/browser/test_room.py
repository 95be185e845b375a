"""What is shown where there is room for it, and what says that more follows where there is none."""

import pytest

from tests.browser.conftest import Shown
from tests.browser.servers import Server

SEVEN = """
from gmm_widget import GMMWidget
from gmm_widget.datasets import old_faithful
w = GMMWidget(old_faithful(), n_components=7, random_state=1)
w
"""
FOOT = """list => {
  const { content } = getComputedStyle(list, "::after");
  return content === "none" ? "" : content;
}"""


def test_a_cut_off_table_says_how_many_rows_follow(lab: Server, shown: Shown) -> None:
    """Seven rows do not fit beside the plot; scrolled to the end, nothing is said."""
    _, view = shown(lab, [SEVEN])
    rows = view.root.locator(".gmm-components")
    rows.locator("tbody tr").nth(6).wait_for(state="attached")
    hidden = "list => [...list.querySelectorAll('tbody tr')].filter(each =>"
    hidden += " each.offsetTop + each.offsetHeight / 2 > list.scrollTop + list.clientHeight).length"
    count = rows.evaluate(hidden)
    assert 0 < count < 7
    assert f"{count} more" in rows.evaluate(FOOT)
    rows.evaluate("list => { list.scrollTop = list.scrollHeight; }")
    view.root.locator(".gmm-components:not([data-gmm-more])").wait_for()
    assert rows.evaluate(FOOT) == ""


def test_the_last_row_is_scrolled_clear_of_the_fade(lab: Server, shown: Shown) -> None:
    """A row that is selected by its place in the plot can be read in full."""
    _, view = shown(lab, [SEVEN])
    view.part("Component A").focus()
    for _ in range(4):
        view.page.keyboard.press(".")
    row = view.root.locator(".gmm-row.gmm-selected")
    inside = """row => {
      const list = row.closest(".gmm-components");
      const fade = list.hasAttribute("data-gmm-more") ? 30 : 0;
      return row.offsetTop + row.offsetHeight + fade <= list.scrollTop + list.clientHeight + 1;
    }"""
    assert row.evaluate(inside)


@pytest.mark.parametrize(("width", "words"), [(1200, True), (840, True), (420, False)])
def test_overlays_have_words_where_they_fit(
    lab: Server, shown: Shown, width: int, words: bool
) -> None:
    """The row of the view stays one line where it has words."""
    _, view = shown(lab, [SEVEN])
    view.page.set_viewport_size({"width": width + 500, "height": 900})
    view.root.evaluate("(root, width) => { root.style.width = `${width}px`; }", width)
    view.page.wait_for_timeout(300)
    texts = view.root.locator(".gmm-overlay-button .gmm-button-text")
    assert [text.is_visible() for text in texts.all()] == [words] * 4
    heights = "bar => [bar.clientHeight, Math.max(...[...bar.children].map(e => e.clientHeight))]"
    bar, child = view.root.locator(".gmm-viewbar").evaluate(heights)
    assert not words or bar == child
