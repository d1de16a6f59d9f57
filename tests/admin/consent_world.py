"""One row of everything about consent and requests about data."""

from __future__ import annotations

import uuid

from contacts.models import Consent, ConsentAsked, DataRequest, DataRequestStep, Tombstone
from tests.admin.given import Given, Subjects
from tests.build import a_purpose


def of_consent(given: Given, subjects: Subjects) -> None:
    words, contact = given.words, subjects.contact
    purpose = a_purpose(given.name, words[:1000], description=words[:300])
    version = purpose.wordings.get()
    Consent.objects.create(
        contact=contact,
        level=1,
        wording=words,
        source=words[:200],
        page=words[:300],
        purpose=purpose,
        version=version,
    )
    ConsentAsked.objects.create(contact=contact, purpose=purpose, wording=words, source=words[:200], email=words[:254])
    asked = DataRequest.objects.create(
        kind="export", contact=contact, name=words[:250], email=words[:254], due_on=given.now, outcome={words: 1}
    )
    DataRequestStep.objects.create(request=asked, what=words[:100], words=words[:500], by=given.user)
    Tombstone.objects.create(digest=uuid.uuid4().hex, request=asked, lifted_how=words[:200])
