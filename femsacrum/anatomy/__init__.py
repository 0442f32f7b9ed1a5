"""The bones before the operation: generated from a table of numbers, or read from files."""
