"""Calling: the queue of teleprospectors, who has which lead in hand, and what came of each call."""
