"""Many leads changed at once: what can be done (kinds.py), to which (selection.py), and the work itself (jobs.py)."""
