"""Plumbing without a domain word. Imports nothing of ours; everything may import it."""
