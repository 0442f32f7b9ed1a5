"""Images as a clinic has them: CT volumes and label maps, read and checked at the door."""
