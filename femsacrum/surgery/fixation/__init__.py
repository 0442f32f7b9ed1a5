"""What holds from behind: where screws go, how rods run, what joins them."""
