"""The report of a run as a document that knows nothing of its format, and the three files it is written to."""
