"""The inbox of submissions: lists by state, one submission with its whole story, and what people do with them."""
