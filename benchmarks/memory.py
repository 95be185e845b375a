"""Memory that a fit needs beyond its input: each engine in a process of its own (Linux only).

`python -m benchmarks.memory ENGINE N D K STEPS` prints the bytes by which the process grew.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from gmm_widget.core.mixture import Mixture

from .peers import ENGINES


def beyond_input(engine: str, n: int, d: int, k: int, steps: int) -> int:
    """Peak bytes beyond data and imports, measured in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.memory", engine, *map(str, (n, d, k, steps))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.strip().splitlines()[-1])


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def main(engine: str, *sizes: str) -> None:
    """Fit a few rows first, so that modules and threads are loaded, then all; print the growth."""
    n, d, k, steps = map(int, sizes)
    rng = np.random.default_rng(0)
    x = np.empty((n, d))
    rng.standard_normal(out=x)
    means = rng.standard_normal((k, d))
    start = Mixture(np.full(k, 1 / k), means, np.repeat(np.eye(d)[None], k, axis=0))
    ENGINES[engine](x[:10_000].copy(), start, 2)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak
    before = _status("VmRSS")
    ENGINES[engine](x, start, steps)
    print(max(0, _status("VmHWM") - before))


if __name__ == "__main__":
    main(*sys.argv[1:])
