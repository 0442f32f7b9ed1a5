"""What happens over cycles and months: gait until it is steady, healing."""
