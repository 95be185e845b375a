"""Finds a Chromium or Chrome for the browser tests, or installs one. The tests never go without.

`python -m tests.browser.chromium` prints the path of one that starts, on standard output and
alone, installing it first where none is found: Debian's package as root or through sudo, the same
package unpacked in `.nox` without either, and Playwright's own download on any other system.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import playwright
from playwright.sync_api import Playwright, sync_playwright

from tests.browser import unpacked

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPS = ("Chromium", "Google Chrome")
HELP = """\
The browser tests need Chromium or Chrome; none was found and none could be installed.
{attempts}
Install one (on Debian and its relatives `apt-get install chromium`, elsewhere Chrome from its
maker, or `playwright install --with-deps chromium`) and run the tests again. If it lies in an
unusual place, set GMM_CHROMIUM to its full path."""


class NoBrowserError(RuntimeError):
    """No browser starts here; the text says what was tried and what to do."""


def find() -> str | None:
    """Return the path of a browser that starts, or None. GMM_CHROMIUM goes before all others."""
    chosen = os.environ.get("GMM_CHROMIUM")
    if chosen:
        if not starts(chosen):
            raise NoBrowserError(
                f"GMM_CHROMIUM is set to {chosen!r}, and `{chosen} --version` does not work. "
                "Set it to the full path of a Chromium or Chrome, or unset it to have one found."
            )
        return chosen
    return next((path for path in candidates() if starts(path)), None)


def candidates() -> Iterator[str]:
    """Yield the paths where a browser may be, the system's own first."""
    yield from (path for path in map(shutil.which, NAMES) if path)
    for home in ("/", str(Path.home())):
        yield from (f"{home}/Applications/{app}.app/Contents/MacOS/{app}" for app in MAC_APPS)
    yield str(unpacked.LAUNCHER)
    with drive() as driver:
        yield driver.chromium.executable_path


def drive() -> AbstractContextManager[Playwright]:
    """Return Playwright's context manager, with a Node that runs here.

    The one that it brings needs libatomic, which the smallest Debian lacks; any other will do.
    """
    own, other = Path(playwright.__file__).parent / "driver" / "node", shutil.which("node")
    if sys.platform != "win32" and other and not runs(str(own), "--version"):
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", other)
    return sync_playwright()


def starts(path: str) -> bool:
    """Tell whether the file is a browser whose libraries are all there."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"Chrom" in done.stdout


def install() -> None:
    """Install a browser in the first way that works here; raise NoBrowserError if none does."""
    failures: list[str] = []
    for name, way in ways():
        say(f"installing Chromium: {name}")
        try:
            way()
        except (OSError, subprocess.CalledProcessError) as error:
            failures.append(f"- {name}: {error}")
            continue
        if find() is not None:
            return
        failures.append(f"- {name}: done, but no browser starts; a library may be missing")
    raise NoBrowserError(HELP.format(attempts="\n".join(failures)))


def ways() -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the ways to install a browser that can be tried by this user on this system."""
    download = [sys.executable, "-m", "playwright", "install", "chromium"]
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    sudo = not root and shutil.which("sudo") and runs("sudo", "-n", "true")
    if shutil.which("apt-get"):
        if root or sudo:
            prefix = ["sudo", "-n"] if sudo else []
            yield "the distribution's package", lambda: apt(prefix)
        yield "the distribution's package, unpacked beside the tests", unpacked.install
    if root and sys.platform == "linux":
        yield "Playwright's with its libraries", lambda: call(*download, "--with-deps")
    yield "Playwright's", lambda: call(*download)


def apt(prefix: list[str]) -> None:
    """Install Debian's chromium for the whole system."""
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    call(*quiet, "update")
    call(*quiet, "install", "-y", "--no-install-recommends", "chromium")


def call(*command: str) -> None:
    """Run a command with its output on standard error; raise CalledProcessError if it fails."""
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def runs(*command: str) -> bool:
    """Tell whether a command succeeds, without showing what it says."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def say(text: str) -> None:
    """Tell the person who waits what is going on, apart from the answer on standard output."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Print the path of a browser that starts, after installing one if need be."""
    try:
        if find() is None:
            install()
        print(find())
    except NoBrowserError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
