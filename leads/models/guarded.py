"""What every machine on a record has: it is saved only as it was read, and its protection outlives a refresh."""

from __future__ import annotations

from typing import Any

from django.db import models
from django_fsm import ConcurrentTransitionMixin, FSMFieldMixin


class Guarded(ConcurrentTransitionMixin, models.Model):
    """A record whose stage moves by transitions alone."""

    class Meta:
        abstract = True

    def refresh_from_db(self, using: str | None = None, fields: Any = None, from_queryset: Any = None) -> None:
        """Refresh without lifting the machine's protection for the whole process, as the library's own does."""
        guarded = {f.attname for f in self._meta.concrete_fields if isinstance(f, FSMFieldMixin) and f.protected}
        loaded = {f.attname for f in self._meta.concrete_fields if f.attname in self.__dict__}
        wanted = set(fields) if fields is not None else loaded
        kept = {name: self.__dict__.pop(name) for name in guarded if name in self.__dict__}
        try:
            models.Model.refresh_from_db(
                self, using=using, fields=sorted(wanted | guarded), from_queryset=from_queryset
            )
        except BaseException:
            self.__dict__.update(kept)
            raise
        self._update_initial_state()
