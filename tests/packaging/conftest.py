"""Builds the sdist and the wheels once, from a copy of the checkout that holds no bundle.

The builds see a PATH without Node: so the first one has to bring its own, and the others must do
without, since the sdist carries the bundle.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("gmm_widget", "js", "tests", "notebooks", "hatch_build.py", "noxfile.py")
PAPERS = ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore")
NOT_COPIED = shutil.ignore_patterns("static", "node_modules", "__pycache__", "failures")


@pytest.fixture(scope="session")
def without_node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose PATH holds a shell, which npm needs, and no Node."""
    tools = tmp_path_factory.mktemp("tools")
    for name in ("sh", "env"):
        (tools / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    return os.environ | {"PATH": str(tools)}


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources as git has them: no bundle, no installed packages."""
    return copied(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def wheel(checkout: Path, without_node: dict[str, str]) -> Path:
    """The wheel built from the checkout, bringing its own Node."""
    return build(checkout, "wheel", without_node)


@pytest.fixture(scope="session")
def sdist(wheel: Path, without_node: dict[str, str]) -> Path:
    """The sdist built from the same checkout as the wheel, and after it."""
    return build(wheel.parents[1], "sdist", without_node)


@pytest.fixture(scope="session")
def wheel_of_sdist(
    sdist: Path, without_node: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The wheel built from the unpacked sdist."""
    folder = tmp_path_factory.mktemp("sdist")
    shutil.unpack_archive(sdist, folder)
    return build(next(folder.iterdir()), "wheel", without_node)


def copied(folder: Path, *more: str) -> Path:
    """Copy the sources and papers into the folder, and more by name; return where they lie."""
    copy = folder / "gmm_widget"
    copy.mkdir()
    for name in (*SOURCES, *PAPERS, *more):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=NOT_COPIED)
        else:
            shutil.copy(ROOT / name, copy)
    return copy


def build(source: Path, target: str, environment: dict[str, str]) -> Path:
    """Build one distribution in isolation, as pip does; return its path."""
    output = source / "dist"
    run(
        [sys.executable, "-m", "build", f"--{target}", "--outdir", str(output), str(source)],
        environment,
    )
    return next(output.glob("*.whl" if target == "wheel" else "*.tar.gz"))


def run(command: list[str], environment: dict[str, str]) -> str:
    """Run a command and return all that it printed; AssertionError with that text if it fails."""
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
    return done.stdout
