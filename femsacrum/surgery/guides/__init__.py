"""A patient-specific cutting guide: how it sits on the bone, what pins it, which slots it has, and if it can be made."""
