"""The migrated database that runs begin with is made anew whenever it could be another one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import migrated
from tests.migrated import ROOMS, ROOT, TELLS, digest


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("requirements.txt", "leads/models/lead.py", "leads/migrations/0001_initial.py", "leads/urls.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1")
    monkeypatch.setattr(migrated, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "another"),
    [
        ("leads/migrations/0001_initial.py", True),
        ("leads/migrations/0002_more.py", True),
        ("leads/models/lead.py", True),
        ("contacts/permissions.py", True),
        ("requirements.txt", True),
        ("leads/urls.py", False),
    ],
)
def test_what_migrating_depends_on_tells_one_from_another(changed: str, another: bool, house: Path) -> None:
    before = digest()

    (house / changed).parent.mkdir(exist_ok=True)
    (house / changed).write_text("x = 2")

    assert (digest() != before) is another


def test_what_a_migration_imports_of_ours_counts_too() -> None:
    imported = set()
    for path in ROOT.glob("*/migrations/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module)
            elif isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}

    ours = {name for name in imported if name.split(".")[0] in ROOMS}
    assert [name for name in ours if not {*name.split("."), f"{name.split('.')[-1]}.py"} & set(TELLS)] == []


def test_a_lane_is_given_the_servers_files_of_another_whole(tmp_path: Path) -> None:
    source, target = tmp_path / "tests-0", tmp_path / "tests-1"
    for folder, words in ((source, "new"), (target, "old")):
        (folder / "postgres/cluster").mkdir(parents=True)
        (folder / "postgres/cluster" / words).write_text(words)
        (folder / "postgres-password").write_text(words)

    migrated.copy(source, target)

    assert [path.name for path in (target / "postgres/cluster").iterdir()] == ["new"]
    assert (target / "postgres-password").read_text() == "new"
