"""Named questions about contacts and leads, and who meets them."""
