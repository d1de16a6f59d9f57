"""Verbs of the door, one module a purpose."""
