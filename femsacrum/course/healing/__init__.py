"""Biology over months: what tissue forms at each point of a face, how far it has united, what that risks."""
