"""The builder of landing pages, and what visitors meet."""
