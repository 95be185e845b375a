"""Blocked passes over the points: one E-step with its moments, in threads, in little memory."""
