"""Templates of the user's own, which take the place of ours by name."""
