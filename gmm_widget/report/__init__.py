"""What leaves the widget: matplotlib figures in its colours, source, pages. No sessions here."""
