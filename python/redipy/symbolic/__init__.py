"""What scripts are written with: expressions, variables, blocks and Redis objects."""
