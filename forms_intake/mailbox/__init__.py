"""Mailboxes read over IMAP: what people write becomes interactions of those we know, and, by rule, new contacts and
leads.

`parsing.py` reads a message into plain data (`words.py` its text, `verdicts.py` what the trusted host says of its
sender), `deciding.py` says what it is and why, `keeping.py` does that, once; `reading.py` is the only one who talks to
the server.
"""
