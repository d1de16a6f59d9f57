"""One row of everything about leads of ads."""

from __future__ import annotations

from forms_intake.ads.setting_up import make_connector
from forms_intake.models import AdLead, AdQuestion, AdSource, AdSync, Connector
from tests.admin.given import Given, Subjects
from tests.build import a_context


def of_ads(given: Given, subjects: Subjects) -> None:
    words = given.words
    connector = make_connector(kind="linkedin", name=given.name[:80], by=given.user)
    Connector.objects.filter(pk=connector.pk).update(last_error=words[:300], account_id=words[:50])
    AdQuestion.objects.create(connector=connector, key="question", name=words[:300], fills=words[:100])
    source = AdSource.objects.create(
        connector=connector,
        account_id=words[:50],
        account_name=words[:200],
        campaign_id=words[:50],
        campaign_name=words[:200],
        creative_id=words[:50],
        form_id=words[:50],
        form_name=words[:200],
        marketing_context=a_context(f"{given.name}, an ad"[:200], "advertisement"),
    )
    AdLead.objects.create(connector=connector, external_id=given.name, source=source, error=words[:300])
    AdSync.objects.create(
        connector=connector, how="file", what=words[:200], note=words[:300], reasons=[{"why": words}], by=given.user
    )
