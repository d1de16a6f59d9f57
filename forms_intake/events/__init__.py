"""Events: who has a place, who waits for one, who came, and what each of them is told.

`book.py` decides about places and `ledger.py` writes what it decided; everybody else asks it: forms (`arriving.py`),
people who work here and those who hold a ticket (`acting.py`), and the clock (`clock.py`). Whoever does holds the
event's row, after contacts and before leads in the order of locks (forms_intake/processing). `editing.py` makes and
changes events, `offering.py` keeps their forms in step. `letters.py`, `calendar.py` and `tickets.py` are what people
receive.
"""
