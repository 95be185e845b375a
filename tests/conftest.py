"""What holds for all tests: their order, threads, figures without a screen, and Hypothesis.

The browser tests come last, because Playwright keeps an event loop running in the main thread
while it is on, and a test that starts one of its own would then be refused.
"""

import os

import pytest

# NumPy reads these when it is first imported; two cores are shared with a browser and a kernel.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("MPLBACKEND", "Agg")

from hypothesis import settings

settings.register_profile("gmm", deadline=None, derandomize="CI" in os.environ)
# Mutation runs repeat every test thousands of times: few examples, the same ones each time.
settings.register_profile("mutants", deadline=None, derandomize=True, max_examples=10)
settings.load_profile("gmm")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the browser tests behind all others, keeping the order otherwise."""
    items.sort(key=lambda item: "browser" in item.path.parts)
