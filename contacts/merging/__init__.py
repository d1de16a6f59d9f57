"""Two contacts that are one person become one, and two again if that was wrong.

`rehoming.py` finds whatever points to a contact, of whatever app above, and moves it; apps whose rows need more than
that name a `Mover` (`seam.py`). `service.py` merges and undoes, each in one transaction; `compare.py` says what two
contacts hold, for the page on which somebody chooses.

Order of locks: the two contacts in id order (the one that goes FOR UPDATE, so that nothing can come to hang on it
meanwhile), lead match keys, leads, then the rest. Contact match keys are moved, not claimed, so they may follow.
What is written to the one that goes by somebody who had it in hand before is fetched afterwards (`stragglers.py`).
"""
