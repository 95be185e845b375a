"""What a fitted mixture is used for: labels, outliers, density on a grid, k-means."""
