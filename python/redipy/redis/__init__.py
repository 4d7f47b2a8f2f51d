"""Data on a real server."""
