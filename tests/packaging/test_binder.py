"""Binder would build this checkout: the Dockerfile that it makes, and its steps in an environment.

There is no Docker here: repo2docker renders its Dockerfile without one, and what that says to
install and to run is done in a virtual environment of this Python.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, copied, run

PIN = re.compile(r"[A-Za-z0-9_.-]+==[0-9.]+")
OPEN = (
    "import gmm_widget as g\n"
    "from gmm_widget.datasets import old_faithful\n"
    "w = g.GMMWidget(old_faithful(as_frame=True)); w.step(3)\n"
    "print('opened', g.__file__)\n"
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout as Binder clones it: no bundle, no installed packages."""
    return copied(tmp_path_factory.mktemp("binder"), "binder")


def test_everything_is_pinned() -> None:
    """To one version each, so that a badge opens what was tested."""
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").split()
    assert all(PIN.fullmatch(line) for line in lines)


def test_repo2docker_renders_its_dockerfile(checkout: Path) -> None:
    """It takes our folder, our Python, our pins and our last step."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(checkout)]
    text = run(command, dict(os.environ))
    python = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    assert f"python={python.removeprefix('python-')}" in text
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in text
    assert text.index("binder/requirements.txt") < text.index("RUN ./binder/postBuild")


@pytest.mark.timeout(900)  # it installs JupyterLab
def test_its_steps_open_a_notebook(checkout: Path, tmp_path: Path) -> None:
    """Pins, then `postBuild`; nothing is missing, the widget opens and the quickstart runs."""
    venv = tmp_path / "venv"
    python = str(venv / "bin" / "python3")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q"]
    environment = os.environ | {"PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"PYTHONPATH": "", "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    run([sys.executable, "-m", "venv", "--without-pip", str(venv)], environment)
    run([*pip, "pip", "-r", str(checkout / "binder" / "requirements.txt")], environment)
    build = ["bash", "binder/postBuild"]
    done = subprocess.run(
        build,
        cwd=checkout,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
    run([python, "-m", "pip", "check"], environment)
    opened = run([python, "-I", "-c", OPEN], environment)
    assert f"opened {venv}" in opened
    notebook = str(checkout / "notebooks" / "quickstart.ipynb")
    options = ["--to", "notebook", "--execute", "--stdout", notebook]
    assert "widget-view+json" in run([python, "-m", "nbconvert", *options], environment)
