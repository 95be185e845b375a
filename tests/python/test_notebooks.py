"""The notebooks as committed: clean, titled, and linked; the browser's tests run them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [path.stem for path in PATHS]
BADGE = re.compile(r"\[!\[[^\]]+\]\(https://mybinder\.org/badge_logo\.svg\)\]\(([^)]+)\)")
# This project, whoever keeps it: on GitHub or where Binder fetches it.
PLACE = re.compile(r"(?:mybinder\.org/v2/gh|github\.com)/([\w.-]+/gmm_widget)\b")
LINK = re.compile(r"\]\((\w+\.ipynb)\)")


def read(name: str) -> Any:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_committed_clean(name: str) -> None:
    """Valid, without outputs or counts, and with names for its cells that stay."""
    notebook = read(name)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert not any(cell.metadata for cell in notebook.cells)
    assert all(re.fullmatch(r"[a-z-]+", cell.id) for cell in notebook.cells)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_opens_with_its_title_and_its_badge(name: str) -> None:
    text = read(name).cells[0].source
    assert text.startswith("# ")
    (address,) = BADGE.findall(text)
    assert address.endswith(f"?urlpath=lab/tree/notebooks/{name}.ipynb")


def test_badges_and_links_name_the_repository_of_the_project() -> None:
    """`project.urls` says where it is; what repeats that, anywhere in text, must agree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    repository = project["urls"]["Repository"].removeprefix("https://github.com/")
    texts = {path: path.read_text(encoding="utf-8") for path in (*PATHS, *papers())}
    wrong = [
        f"{path.relative_to(ROOT)} names {named}, pyproject.toml {repository}"
        for path, text in texts.items()
        for named in PLACE.findall(text)
        if named != repository
    ]
    assert not wrong
    assert all(PLACE.search(texts[path]) for path in PATHS)


def papers() -> list[Path]:
    """What people read besides the notebooks, and may reach the repository from."""
    patterns = ("*.md", "*.cff", "docs/*.md", "binder/*.md")
    return [path for pattern in patterns for path in ROOT.glob(pattern)]


def links() -> Iterator[str]:
    for path in PATHS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield from LINK.findall("".join("".join(cell["source"]) for cell in cells))


def test_links_between_notebooks_have_their_target() -> None:
    assert set(links()) <= {path.name for path in PATHS}
