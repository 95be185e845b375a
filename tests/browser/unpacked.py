"""Debian's Chromium for a user who may not install packages.

apt resolves and downloads the package and the libraries that this machine lacks into a folder of
ours, dpkg-deb unpacks them there, and a launcher points the loader and fontconfig at it. Nothing
outside the folder is written, and removing `.nox` removes it.
"""

import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[2] / ".nox" / "chromium"
LAUNCHER = HOME / "chromium"
LAUNCH = """\
#!/bin/sh
# Fonts are found by XDG_DATA_HOME, as fontconfig's own paths are absolute.
root='{root}'
export LD_LIBRARY_PATH="{libraries}"
export FONTCONFIG_PATH="$root/etc/fonts" XDG_DATA_HOME="$root/usr/share"
exec "$root/usr/lib/chromium/chromium" "$@"
"""


def install() -> None:
    """Download and unpack Chromium; OSError or CalledProcessError if apt can't."""
    root, packages = HOME / "root", HOME / "cache" / "archives"
    shutil.rmtree(HOME, ignore_errors=True)
    for folder in (root, packages / "partial", HOME / "state" / "lists" / "partial"):
        folder.mkdir(parents=True)
    apt = ["apt-get", "-o", f"Dir::State={HOME / 'state'}", "-o", f"Dir::Cache={HOME / 'cache'}"]
    apt += ["-o", "Dir::State::status=/var/lib/dpkg/status", "-o", "Debug::NoLocking=true"]
    # Without a sandbox user: the folder may be one that only this user can enter.
    apt += ["-o", "APT::Sandbox::User="]
    call(*apt, "update")
    call(*apt, "install", "-y", "--no-install-recommends", "--download-only", "chromium")
    for package in sorted(packages.glob("*.deb")):
        call("dpkg-deb", "-x", str(package), str(root))
    libraries = sorted({str(path.parent) for path in root.rglob("*.so*")})
    LAUNCHER.write_text(LAUNCH.format(root=root, libraries=":".join(libraries)), encoding="utf-8")
    LAUNCHER.chmod(0o755)
    shutil.rmtree(HOME / "cache")


def call(*command: str) -> None:
    """Run a command with its output on standard error; raise CalledProcessError if it fails."""
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
