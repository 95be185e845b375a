"""The numerical core: frozen values and pure functions on NumPy alone."""
