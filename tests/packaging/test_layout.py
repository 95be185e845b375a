"""The layout holds: imports go down only, files stay small and say why they exist."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gmm_widget"
# From the top down: a module may import from its own part and from those after it.
PARTS = (
    "magic",
    "widget",
    "exercise",
    "protocol",
    "runtime",
    "session",
    "report",
    "estimator",
    "selection",
    "bayes",
    "analysis",
    "search",
    "data",
    "core",
    "datasets",
)
NO_JUPYTER = {"anywidget", "ipywidgets", "traitlets", "IPython", "comm"}
LONGEST = 300


def modules() -> list[Path]:
    """Return the modules of the package, except the one that only hands names on."""
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def sources() -> list[Path]:
    """Return all files that people write in Python or TypeScript."""
    folders = ("gmm_widget", "tests", "benchmarks", "js/src", "js/tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    files += [*ROOT.glob("*.py"), *ROOT.glob("js/*.mjs"), *ROOT.glob("js/*.py")]
    written = (path for path in files if path.parent != PACKAGE / "static")
    return sorted(path for path in written if path.suffix in {".py", ".ts", ".css", ".mjs"})


def imports(path: Path) -> Iterator[str]:
    """Yield the full names of the modules that a module imports."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join((*above, *([node.module] if node.module else ())))
            yield from (f"{name}.{alias.name}" for alias in node.names)


def breaches(path: Path) -> Iterator[str]:
    """Yield what a module imports and should not."""
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    below = PARTS[PARTS.index(own) :] if own in PARTS else ()
    for name in imports(path):
        parts = name.split(".")
        upward = parts[0] == "gmm_widget" and parts[1] not in below
        jupyter = parts[0] in NO_JUPYTER and own not in ("widget", "magic")
        if upward or jupyter:
            yield f"{path.relative_to(ROOT)} must not import {name}"


def test_imports_go_down() -> None:
    """A part imports itself and those below it; only the widget and the magic know Jupyter."""
    assert not [breach for path in modules() for breach in breaches(path)]


def test_no_module_imports_itself_through_others() -> None:
    """The graph of imports between modules, deferred ones included, has no circle."""
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in modules()}
    graph = {name: {n for n in _modules_of(path) if n in names} for name, path in names.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which lists the circle


def _modules_of(path: Path) -> Iterator[str]:
    """Yield the modules behind the names that a module imports."""
    for name in imports(path):
        yield from (name, name.rpartition(".")[0])


def test_files_are_small() -> None:
    """At most 300 lines each."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert not {str(path): length for path, length in lengths.items() if length > LONGEST}


def test_files_open_with_their_reason() -> None:
    """A docstring or a comment comes first and says why the file exists."""
    opening = ('"""', "/*", "//", "#")
    texts = {path: path.read_text(encoding="utf-8").lstrip() for path in sources()}
    assert not [str(path) for path, text in texts.items() if not text.startswith(opening)]


def test_continuous_integration_runs_what_the_readme_says() -> None:
    """The line for all tests, letter by letter, so that it can not rot in the README."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    lines = [line for line in readme if line.endswith(("nox -s lab", "nox -s tests"))]
    assert len(lines) == 2, "the README gives one line to try it and one line to test it"
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[1] in script
