"""Fatigue of rods, screws and prosthesis over a movement that repeats."""
