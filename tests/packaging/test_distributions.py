"""What is shipped: a pure wheel, an sdist that makes the same wheel, both usable without Node."""

import json
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import gmm_widget
from hatch_build import is_fresh
from tests.packaging.conftest import run

ROOT = Path(__file__).parents[2]

USE = """
import shutil
import numpy as np
import gmm_widget
from gmm_widget.datasets import old_faithful
assert shutil.which("node") is None and shutil.which("npm") is None
assert "site-packages" in gmm_widget.__file__, gmm_widget.__file__
w = gmm_widget.GMMWidget(np.column_stack(list(old_faithful().values())), n_components=2)
assert len(str(w._esm)) > 1000 and len(str(w._css)) > 100
print(w.mixture.means.shape, gmm_widget.__version__)
"""


def contents(wheel: Path) -> dict[str, bytes]:
    """Return the files of a wheel by name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_is_pure_and_holds_the_bundle(wheel: Path) -> None:
    """One wheel for every platform, with all that the widget needs and nothing of the workshop."""
    assert wheel.name == f"gmm_widget-{gmm_widget.__version__}-py3-none-any.whl"
    names = set(contents(wheel))
    wanted = {"static/widget.js", "static/widget.css", "static/LICENSES.txt", "py.typed"}
    wanted |= {f"datasets/{name}" for name in ("faithful.csv", "penguins.csv", "marrow.npz")}
    wanted |= {"datasets/SOURCES.md"}
    assert {f"gmm_widget/{name}" for name in wanted} <= names
    information = f"gmm_widget-{gmm_widget.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"gmm_widget", information}
    assert "gmm_widget/static/sources.sha256" not in names


def test_the_licences_of_bundled_packages_travel_in_the_wheel(wheel: Path) -> None:
    """Each package that the front end imports, in its version."""
    text = contents(wheel)["gmm_widget/static/LICENSES.txt"].decode("utf-8")
    package = json.loads((ROOT / "js" / "package.json").read_text(encoding="utf-8"))
    for name, version in package["dependencies"].items():
        assert f"{name} {version}" in text
    assert text.lower().count("permission") >= len(package["dependencies"])


def test_the_sdist_carries_the_sources_and_the_bundle(sdist: Path) -> None:
    """With the bundle nobody needs Node to install; with its sources anybody can rebuild it."""
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert {"js/package-lock.json", "js/src/widget.ts", "gmm_widget/static/widget.js"} <= names
    assert {"README.md", "LICENSE", "hatch_build.py", "pyproject.toml"} <= names
    assert not [name for name in names if "node_modules" in name]


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_checkout(
    wheel: Path, wheel_of_sdist: Path
) -> None:
    """Whoever builds from the sdist gets what we tested, byte for byte."""
    assert wheel_of_sdist.name == wheel.name
    assert contents(wheel_of_sdist) == contents(wheel)


def test_the_sdist_installs_and_works_without_node(
    sdist: Path, without_node: dict[str, str], tmp_path: Path
) -> None:
    """A new virtual environment, pip, no Node: the widget opens, and no Node was brought."""
    venv = tmp_path / "venv"
    python = str(venv / "bin" / "python")
    run([sys.executable, "-m", "venv", "--without-pip", str(venv)], without_node)
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--verbose", str(sdist)]
    assert "nodejs" not in run(install, without_node)
    script = tmp_path / "use.py"
    script.write_text(USE, encoding="utf-8")
    assert run([python, str(script)], without_node) == f"(2, 2) {gmm_widget.__version__}\n"


def test_a_change_of_the_sources_makes_the_bundle_stale(wheel: Path, tmp_path: Path) -> None:
    """By content: touching a file changes nothing, a changed byte does, a test does not matter."""
    built, copy = wheel.parents[1], tmp_path / "copy"
    shutil.copytree(built, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    assert is_fresh(copy)
    source = copy / "js" / "src" / "widget.ts"
    source.touch()
    (copy / "js" / "tests").mkdir(exist_ok=True)
    (copy / "js" / "tests" / "new.test.ts").write_text("// a test\n", encoding="utf-8")
    assert is_fresh(copy)
    text = source.read_text(encoding="utf-8")
    source.write_text(text + "// changed\n", encoding="utf-8")
    assert not is_fresh(copy)
    source.write_text(text, encoding="utf-8")
    assert is_fresh(copy)
    (copy / "gmm_widget" / "static" / "widget.css").unlink()
    assert not is_fresh(copy)
