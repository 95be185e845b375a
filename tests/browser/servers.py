"""Real JupyterLab and Notebook 7 servers for the tests, closed off from the user's own settings."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, final

Kind = Literal["lab", "notebook"]
STARTUP = 120.0
APP = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}
PAGE = {"lab": "doc/tree", "notebook": "notebooks"}


@final
@dataclass(frozen=True)
class Server:
    """A running server: what it is, where it listens and where its notebooks and its log are."""

    kind: Kind
    process: subprocess.Popen[bytes]
    root: Path
    log: Path
    url: str
    token: str

    def page(self, name: str) -> str:
        """Return the address at which one notebook opens, alone."""
        return f"{self.url}{PAGE[self.kind]}/{name}?token={self.token}&reset"

    def request(self, method: str, path: str) -> Any:
        """Call the server's REST interface and return its JSON, or None where it has no body."""
        address, headers = f"{self.url}api/{path}", {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(address, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def end_kernels(self) -> None:
        """Shut down every kernel, so that one test's kernel takes no time from the next one."""
        for session in self.request("GET", "sessions"):
            self.request("DELETE", f"sessions/{session['id']}")

    def stop(self) -> None:
        """End the kernels and the server; kill the server if it does not go by itself."""
        with suppress(OSError):  # a server that died has no kernels left to end
            self.end_kernels()
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(kind: Kind, folder: Path, settings: str = "") -> Server:
    """Start a server with its notebooks, settings and log in the folder; wait until it answers.

    `settings` are lines of its configuration file.
    """
    root, log, token = folder / "notebooks", folder / "server.log", secrets.token_hex(16)
    root.mkdir(parents=True)
    (folder / "config").mkdir()
    (folder / "config" / "jupyter_server_config.py").write_text(settings, encoding="utf-8")
    notifications = folder / "settings" / "@jupyterlab" / "apputils-extension"
    notifications.mkdir(parents=True)
    quiet = json.dumps({"fetchNews": "false", "checkForUpdates": False})
    (notifications / "notification.jupyterlab-settings").write_text(quiet, encoding="utf-8")
    command = [sys.executable, "-m", f"jupyter{kind}" if kind == "lab" else kind, *options(kind)]
    command += [f"--ServerApp.root_dir={root}", f"--IdentityProvider.token={token}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = wait_for_url(process, folder / "runtime", log)
    return Server(kind, process, root, log, url, token)


def options(kind: Kind) -> list[str]:
    """Return what a server needs to be driven by a test and to reach for no other machine."""
    # Notebook 7 hands most of these on from LabApp, whose extension it loads too.
    apps = {"LabApp", APP[kind]}
    exposed = [f"--{app}.expose_app_in_browser=True" for app in sorted(apps)]
    return [
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        *exposed,
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which Jupyter and IPython see no file of this user's."""
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    return kept | {name: str(folder / path) for name, path in own.items()}


def wait_for_url(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Return the address that the server chose, read from the file it writes once it listens."""
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline and process.poll() is None:
        # Until it listens there is no file, or half of one, or nobody at the address.
        with suppress(OSError, json.JSONDecodeError, StopIteration):
            record = json.loads(next(runtime.glob("jpserver-*.json")).read_text(encoding="utf-8"))
            url = f"http://127.0.0.1:{record['port']}{record['base_url']}"
            with urllib.request.urlopen(f"{url}api", timeout=5):
                return url
        time.sleep(0.1)
    process.kill()
    text = log.read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"The server did not start within {STARTUP:.0f} s. It said:\n{text}")
