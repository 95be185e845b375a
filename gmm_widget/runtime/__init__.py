"""Threads and the event loop: the driver of a session, its mailbox and its background tasks."""
