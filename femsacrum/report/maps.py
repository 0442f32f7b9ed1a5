"""Colour maps of the fields, the same in pictures and in the page that turns them."""

#: Pale to dark in even steps for every kind of colour vision, and in grey.
STRESS_MAP, MOTION_MAP = "YlOrRd", "YlGnBu"
#: Shares of the yield strain [%] and their colours.
STRAIN_EDGES = (0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 150.0)
STRAIN_COLOURS = ("#f3f1ea", "#c6dbef", "#6baed6", "#2171b5", "#f2b134", "#d55e00")
