"""Pages of the door, one module a kind of visitor."""
