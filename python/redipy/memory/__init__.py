"""Data in this process."""
