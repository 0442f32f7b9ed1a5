"""What is taken away: planes, cuts through ilium and sacrum, the tumour and its margins."""
