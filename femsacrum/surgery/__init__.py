"""The plan on the bones: what is cut away, and what is put in its place."""
