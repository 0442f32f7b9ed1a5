"""Published constants, each with unit, source and confidence."""
