"""Stiffness of every cell."""
