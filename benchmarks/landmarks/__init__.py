"""Automatic landmarks against points picked by hand."""
