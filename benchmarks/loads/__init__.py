"""What the way of loading and holding the pelvis changes."""
