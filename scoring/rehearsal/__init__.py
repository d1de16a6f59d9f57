"""Trying a scoring model before it goes live: on all open leads, and against the outcomes we already know."""
