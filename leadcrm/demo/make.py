"""Making the demo workspace."""

from __future__ import annotations

from django.db import transaction

from leadcrm.demo.people import make_people


@transaction.atomic
def make_demo() -> None:
    """Make the demo workspace. A second call changes nothing."""
    make_people()
