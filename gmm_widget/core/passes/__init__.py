"""Passes over the points: an E-step and its moments, block by block, in several threads."""
