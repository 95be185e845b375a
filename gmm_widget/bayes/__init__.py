"""Variational inference for Gaussian mixtures: priors, posterior and the evidence lower bound."""
