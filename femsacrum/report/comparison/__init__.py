"""Finished runs side by side: their outcomes, what differs in their cases, and the same pictures on the same scale."""
