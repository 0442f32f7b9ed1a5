"""From errors of guide and saw to the cut that is made, its margins, roots and faces: what may be expected, by chance."""
