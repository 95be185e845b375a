"""The reference has a page for every public name, and every link its target."""

import inspect
import re
from pathlib import Path

import pytest

import gmm_widget
import gmm_widget.datasets
from docs import reference
from docs.prose import rendered

LINK = re.compile(r'href="([^"#]+)"')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference, written once."""
    path = tmp_path_factory.mktemp("reference")
    reference.write(path)
    return path


def test_every_public_name_has_a_page(folder: Path) -> None:
    """Under its name, with the first line of its docstring."""
    for module in (gmm_widget, gmm_widget.datasets):
        for name in set(module.__all__) - {"__version__"}:
            text = (folder / f"{module.__name__}.{name}.html").read_text(encoding="utf-8")
            first = (inspect.getdoc(getattr(module, name)) or "").split("\n\n")[0]
            assert f"<h1>{name}</h1>" in text
            assert rendered(first) in text


def test_every_verb_of_the_widget_is_told(folder: Path) -> None:
    """Each public method and property that the package gives the widget, and no method of hosts."""
    text = (folder / "gmm_widget.GMMWidget.html").read_text(encoding="utf-8")
    told = set(re.findall(r'<h3 id="(\w+)">', text))
    own = {
        name
        for base in gmm_widget.GMMWidget.__mro__
        if base.__module__.startswith("gmm_widget")
        for name, member in vars(base).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
    }
    assert own <= told
    assert "add_traits" not in told


def test_links_have_their_pages(folder: Path) -> None:
    """Every page is linked to, and every link has its page."""
    pages = {path.name for path in folder.iterdir()}
    linked = {name for path in folder.iterdir() for name in LINK.findall(path.read_text("utf-8"))}
    assert linked == pages


def test_docstrings_are_text() -> None:
    """What looks like markup is shown as it stands; terms, rules and code are recognised."""
    shown = rendered("Takes `a<b>`.\n\nRaises\n------\nValueError : <script>\n    said why")
    assert "<code>a&lt;b&gt;</code>" in shown
    assert "<h4>Raises</h4>" in shown
    assert "<dt>ValueError</dt><dd>&lt;script&gt;</dd><dd>said why</dd>" in shown
