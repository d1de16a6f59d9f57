"""What the API holds of a person: answers that are kept for a day, so that a call that comes again does nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import BinaryField, F, Func, IntegerField, Q, Value

from contacts.privacy.holding import Person, Section
from leadcrm.api.models import KeptAnswer


class KeptAnswers:
    """As contacts.privacy.holding.Holder says."""

    def tell(self, person: Person) -> Iterable[Section]:
        return []  # a kept answer tells only what is told elsewhere

    def erase(self, person: Person) -> Mapping[str, int]:
        told = Q(pk=None)
        answers = KeptAnswer.objects.all()
        for place, words in enumerate((*person.emails, *person.names)):
            where = Func(
                Value(words.encode(), output_field=BinaryField()),
                F("body"),
                template="position(%(expressions)s)",
                arg_joiner=" in ",
                output_field=IntegerField(),
            )
            answers = answers.annotate(**{f"at_{place}": where})
            told |= Q(**{f"at_{place}__gt": 0})
        return {"kept answers": answers.filter(told).delete()[0]}


KEPT_ANSWERS = KeptAnswers()
