"""Migrations that are wholly there, or not at all."""

from __future__ import annotations

from contextlib import nullcontext

from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic


class WholeExecutor(MigrationExecutor):
    """Writes down that a migration was applied in the migration's own transaction.

    Django does so after it, where foreign keys or indexes are made last. Who is killed in between, by Ctrl-C in a
    first start or a power cut, has tables that every later start trips over. A migration that is not atomic, because
    it builds an index beside work, stays one that must bear being applied twice.
    """

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        with atomic(self.connection.alias) if migration.atomic else nullcontext():
            return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)

    def unapply_migration(self, state: ProjectState, migration: Migration, fake: bool = False) -> ProjectState:
        with atomic(self.connection.alias) if migration.atomic else nullcontext():
            return super().unapply_migration(state, migration, fake=fake)
