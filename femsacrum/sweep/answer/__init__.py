"""What the points of a sweep say together: effects, indices, a front, a surrogate, probabilities; numbers only."""
