"""Many leads changed at once: what can be done (kinds.py), what is asked (forms.py), the work itself (jobs.py)."""
