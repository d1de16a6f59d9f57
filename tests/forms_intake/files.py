"""Small files to import, and a mapping that suits them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any


def a_file(folder: Path, *lines: str, name: str = "leads.csv") -> Path:
    """A CSV file of these lines."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def a_mapping(**more: Any) -> dict[str, Any]:
    """Email, First, Last, Phone and Id of people, Company, and a topic; `more` replaces or adds top-level keys."""
    return {
        "name": "Fair in Hamburg",
        "create_missing": True,
        "contact": {
            "fields": {
                "email": "Email",
                "first_name": "First",
                "last_name": "Last",
                "phone": "Phone",
                "external_id": "Id",
            }
        },
        "account": {"fields": {"name": "Company"}},
        "lead": {"topic": "Route planning"},
        **more,
    }


HEADER = "Email,First,Last,Phone,Id,Company"


def error_rows(path: Path) -> list[dict[str, str]]:
    """The rows of an error file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
