"""Why LeadCRM cannot run here. The command line shows the message as one line and exits with 1."""


class CannotRun(Exception):
    """Something outside our code must change first; the message says what, and how where we know it."""
