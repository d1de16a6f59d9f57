"""What a token may be given, in words."""

from __future__ import annotations

SCOPES: dict[str, str] = {
    "contacts:read": "Read contacts",
    "contacts:write": "Make and edit contacts",
    "accounts:read": "Read accounts",
    "accounts:write": "Make and edit accounts",
    "leads:read": "Read leads",
    "leads:write": "Bring, edit, move and close leads",
    "opportunities:read": "Read opportunities",
    "interactions:read": "Read interactions",
    "interactions:write": "Deliver interactions",
    "submissions:read": "Read forms and submissions",
    "submissions:write": "Post to forms",
    "segments:read": "Read segments and their members",
    "scores:read": "Read scores and their explanation",
}
"""Lookups (products, campaigns, people, reasons, fields) need none."""
