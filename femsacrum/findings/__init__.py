"""What the numbers mean: stress, micromotion, risk."""
