"""What clients of all backends have in common."""
