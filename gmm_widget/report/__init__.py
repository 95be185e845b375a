"""What leaves the widget for paper and code: matplotlib figures in its colours, and source."""
