"""The half of the language that knows no model stays that way."""

from __future__ import annotations

import ast
from pathlib import Path

import leads.conditions

FOLDER = Path(leads.conditions.__file__).parent


def test_only_the_vocabularies_know_models() -> None:
    knowing = {
        path.name
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and ((node.module or "").startswith("contacts") or (node.module or "") in {"leads.models", "leads.stages"})
    }

    assert knowing == {"fields.py", "opportunity.py", "related.py", "vocabularies.py"}
