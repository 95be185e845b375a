"""Choosing among fits: many starts, which optimum they reach, and whether it can be trusted."""
