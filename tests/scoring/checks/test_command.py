"""`leadcrm model FILE.json` says what checks find in the draft it loads."""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from leadcrm import command
from scoring.models import ScoringModel


@pytest.mark.django_db
def test_a_loaded_model_is_told_what_is_wrong_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = [{"name": "Calls", "points": 10, "interaction_type": "call", "cap": 30}, {"name": "All", "points": 5}]
    file = tmp_path / "model.json"
    file.write_text(json.dumps({"name": "Demand", "threshold": 60, "rules": rules}))
    monkeypatch.setattr("leadcrm.embedded.servers.reached", lambda _: nullcontext())

    assert command.answer_model(argparse.Namespace(file=file, live=False)) == 0

    first, error, doubt = capsys.readouterr().out.splitlines()
    assert first == "Demand is a draft now."
    assert error.startswith("Error. All: Choose an interaction, or write a condition")
    assert doubt == (
        "Warning. Threshold: No lead can ever reach 60: the rules give 35 points at most. Lower the threshold to 35."
    )
    assert ScoringModel.objects.get().rules.count() == 2
