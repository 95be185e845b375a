"""Model selection: number of components by covariance structure, with criteria and folds."""
