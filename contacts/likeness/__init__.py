"""Pairs of contacts that may be one person, found in the background and shown to people, who decide.

`weights.py` says what makes two alike, and how much; `sql.py` finds the pairs of a set of contacts in one statement;
`search.py` goes through all contacts in the order in which they were last changed, a chunk at a time, so that it is
always where it left off; `queue.py` serves the page. Nothing here ever merges anybody.
"""
