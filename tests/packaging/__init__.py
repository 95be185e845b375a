"""Tests of what is shipped: the sdist, the wheel and an installation from them."""
