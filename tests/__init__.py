"""Makes the helpers of the browser tests importable as `tests.browser...`."""
