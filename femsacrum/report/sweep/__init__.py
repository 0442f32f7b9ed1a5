"""What the points of a sweep say, as a report."""
