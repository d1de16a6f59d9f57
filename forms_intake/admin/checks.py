"""What a form could be missing: said when it is saved, because it still works, only not as meant."""

from __future__ import annotations

from forms_intake.building.checks import NOBODY, findings_of, known_by
from forms_intake.models import IntakeForm

__all__ = ["NOBODY", "doubts_about", "known_by"]


def doubts_about(form: IntakeForm) -> list[str]:
    """Sentences for its editor; none when all is well."""
    return [one.words for one in findings_of(form)]
