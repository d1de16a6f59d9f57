"""Visits of our websites, and what becomes of mails: from a hit to an interaction.

`collecting.py` takes hits, one row a request, and answers; `work.py` claims those rows and has `writing.py` make visits
of them (`visits.py` says which hits belong together, `rules.py` what a page is called), or `mails.py` what happened to
a mail. `identities.py` says whose a hit is, `stitching.py` follows up who a browser turned out to be.

Order of locks: raw rows (skipping what another worker holds), visitors in the order of their keys, then interactions.
"""
