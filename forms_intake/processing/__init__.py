"""From raw submissions to contacts, leads and interactions, set by set.

`work.py` claims waiting submissions and keeps the failures; `batch.py` takes one set through the steps, each in a
module of its own: `intents.py` (what a submission says), `keys.py` and `people.py` (whose it is), `agreeing.py` (what
they agreed to), `companies.py`, `interests.py` (which lead), `record.py` (the interaction and the decision). What
becomes of each value is said by `values.py`.

Order of locks, the same for every batch and for imports, which is what keeps two workers out of each other's way:
submissions (skipping what another worker holds), contact keys in key order, accounts by advisory lock (first the one
that imports of many take whole, then in number order), contact rows in id order, events in id order and their
registrations, lead keys in key order, lead rows in id order. What deadlocks nevertheless is tried again whole.
"""
