"""The fit in progress: state, edits, EM steps and history. No threads, and nothing of Jupyter."""
