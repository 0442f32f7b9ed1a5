"""Findings told in figures and words."""
