"""Tetrahedra, body by body."""
