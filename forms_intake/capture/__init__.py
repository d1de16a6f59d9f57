"""Quick capture: a page for a telephone on which people who are met at a stand or called are written down.

What is typed becomes a submission like any other (`keeping.py`), so that it is matched, once, and explained; the
occasion (`occasions.py`) says where it came from and whose the lead is.
"""
