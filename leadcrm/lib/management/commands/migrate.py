"""Django's `migrate`, which may be killed at any moment and then goes on where it was."""

from __future__ import annotations

from django.core.management.commands import migrate

from leadcrm.lib.migrating import WholeExecutor

migrate.MigrationExecutor = WholeExecutor  # type: ignore[attr-defined]  # there is no other place for it
Command = migrate.Command
