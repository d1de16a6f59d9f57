"""Who kills a migration finds it wholly there, or not at all."""

from __future__ import annotations

import pytest
from django.core.management import load_command_class
from django.core.management.commands import migrate
from django.db import connection, models
from django.db.migrations import CreateModel, Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from leadcrm.lib.migrating import WholeExecutor


class Killed(BaseException):
    """The process ends here."""


class WithForeignKey(Migration):
    """Two tables of which one points to the other: its foreign key is made last."""

    operations = (
        CreateModel("Ship", [("id", models.BigAutoField(primary_key=True))]),
        CreateModel(
            "Mast",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("ship", models.ForeignKey("harbour.Ship", models.CASCADE)),
            ],
        ),
    )


def tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith("harbour_")}


def killed_before_writing_down(executor: MigrationExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(executor.recorder, "record_applied", killed)
    with pytest.raises(Killed):
        executor.apply_migration(ProjectState(), WithForeignKey("0001_first", "harbour"))


@pytest.mark.django_db(transaction=True)
def test_a_migration_killed_before_it_is_written_down_has_left_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    killed_before_writing_down(WholeExecutor(connection), monkeypatch)

    assert tables() == set()


@pytest.mark.django_db(transaction=True)
def test_where_nobody_kills_it_it_is_there_and_written_down_and_can_be_taken_back() -> None:
    executor = WholeExecutor(connection)
    migration = WithForeignKey("0001_first", "harbour")

    executor.apply_migration(ProjectState(), migration)

    assert tables() == {"harbour_ship", "harbour_mast"}
    assert ("harbour", "0001_first") in executor.recorder.applied_migrations()

    executor.unapply_migration(ProjectState(), migration)

    assert tables() == set()
    assert ("harbour", "0001_first") not in executor.recorder.applied_migrations()


def test_the_command_migrates_so() -> None:
    assert load_command_class("leadcrm.lib", "migrate").__class__ is migrate.Command
    assert vars(migrate)["MigrationExecutor"] is WholeExecutor
