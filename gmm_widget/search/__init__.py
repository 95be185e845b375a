"""The search for the best optimum of the likelihood from many starts, run in batches."""
