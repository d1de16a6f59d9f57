"""Leads of ads: whatever network they come from, they are kept once, raw, and go the way of every submission.

`connecting.py` says what a connector must answer and lists those there are; `linkedin.py` is one. `arriving.py` takes
notifications and files, `fetching.py` asks for what was only told of, `keeping.py` makes submissions of answers,
`setting_up.py`, `mapping.py` and `replaying.py` are what people do.
"""
