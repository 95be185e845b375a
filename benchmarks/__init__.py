"""Side by side with the peers, in one run: ratios of medians, never a bare time."""
