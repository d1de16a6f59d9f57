"""The ground: people, companies, what they did, where it came from, and what changed. Knows nobody above it."""
