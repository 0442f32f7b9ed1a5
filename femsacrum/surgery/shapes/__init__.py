"""What the operation is drawn with: frames, outlines, CAD solids, booleans, distances."""
