"""Notices by e-mail: claimed from the outbox, put into words, sent, tried again; and what is due, told in time."""
