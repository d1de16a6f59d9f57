"""Consent as people meet it: purposes and their wordings, confirmation by mail, the page of preferences, the proof."""
