"""How far a result may be believed: what it was made from, whether it is still that, and how exact its numbers are."""
