"""What scoring holds of a person: the scores of their leads. They are numbers, and stay when the person is erased."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contacts.privacy.holding import Person, Section, row_of
from scoring.models import LeadScore


class Scores:
    """As contacts.privacy.holding.Holder says."""

    def tell(self, person: Person) -> Iterable[Section]:
        scores = LeadScore.objects.filter(lead__contact__in=person.contact_ids).order_by("lead", "model")
        columns = ("lead", "model", "score", "grade", "computed_at")
        yield Section("Scores", [row_of(one, *columns) for one in scores.select_related("lead", "model")])

    def erase(self, person: Person) -> Mapping[str, int]:
        return {}


SCORES = Scores()
