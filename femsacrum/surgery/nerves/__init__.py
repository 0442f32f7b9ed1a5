"""Sacral nerve roots: where they run, what a plan does to them, and how near metal and saw come."""
