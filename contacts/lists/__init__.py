"""Lists of records as people keep them: what the address asks for, saved views, columns, and the page itself.

`listing.py` says what a list is, `asked.py` reads the address, `page.py` draws it.
"""
