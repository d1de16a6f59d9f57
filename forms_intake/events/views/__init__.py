"""Pages of events: for those who keep them, for those at the door, and for everybody."""
