"""The roof: settings, URLs, Celery, command line. Nothing imports it but the entry points."""
