"""The case file: one patient, one plan, read and checked at the door."""
