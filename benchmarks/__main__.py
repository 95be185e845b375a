"""`python -m benchmarks [NAME ...]` runs the benchmarks, or those named, and keeps the results.

Each prints its table as it goes and writes `benchmarks/results/NAME.json` with the machine it ran
on. Times compare only within one run.
"""

import importlib
import json
import sys
from datetime import date
from pathlib import Path

from .timing import machine

NAMES = ("engine", "inference", "optima", "grid", "picture", "latency")
BY_NAME_ONLY = ("planted",)  # takes hours
RESULTS = Path(__file__).parent / "results"


def main(names: list[str]) -> int:
    """Run them in turn."""
    known = (*NAMES, *BY_NAME_ONLY)
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"unknown benchmark {unknown[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    print(machine(), flush=True)
    RESULTS.mkdir(exist_ok=True)
    for name in names or NAMES:
        print(f"\n{name}", flush=True)
        rows = importlib.import_module(f"benchmarks.{name}").main()
        kept = {"machine": machine(), "date": date.today().isoformat(), "rows": rows}
        (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
