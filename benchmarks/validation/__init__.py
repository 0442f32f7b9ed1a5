"""Cadaver and bench experiments nobody here made, beside what the model foretells: a folder for each."""
