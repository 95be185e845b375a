"""Tests against the real thing: a notebook server, a kernel and a Chromium."""
