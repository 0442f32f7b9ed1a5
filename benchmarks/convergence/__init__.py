"""What a finer mesh changes."""
