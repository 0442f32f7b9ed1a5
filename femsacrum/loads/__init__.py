"""Load cases in equilibrium."""
