"""What LinkedIn answers about a lead, as plain data. Questions are told apart by their words, as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from forms_intake.ads.connecting import Answer, From, Said
from forms_intake.validation import storable

LONGEST_ID = 200
LONGEST_ANSWER = 5_000
MOST_ANSWERS = 100


def answer_of(response: Mapping[str, Any], form: Mapping[str, Any], external_id: str) -> Answer:
    """A lead, of the two things LinkedIn tells: what was answered by number, and the words of the form."""
    content = inside(form, "content") or {}
    questions = {str(inside(one, "questionId")): one for one in listed(inside(content, "questions"))}
    consents = {str(inside(one, "id")): one for one in listed(inside(content, "legalInfo", "consents"))}
    said = []
    for one in listed(inside(response, "formResponse", "answers"))[:MOST_ANSWERS]:
        number = str(inside(one, "questionId"))
        question = questions.get(number, {})
        words = (
            localised(inside(question, "question")) or text_of(inside(question, "name"), 300) or f"Question {number}"
        )
        answer = _answered(inside(one, "answerDetails") or {}, question)
        if answer:
            said.append(Said(words[:300], answer))
    for one in listed(inside(response, "formResponse", "consentResponses"))[:MOST_ANSWERS]:
        number = str(inside(one, "consentId"))
        words = localised(inside(consents.get(number, {}), "consent")) or f"Consent {number}"
        ticked = inside(one, "accepted") is True
        said.append(Said(words[:300], "Yes" if ticked else "No", is_consent=True, ticked=ticked))
    campaign = inside(response, "leadMetadataInfo", "sponsoredLeadMetadataInfo", "campaign") or {}
    urn = inside(response, "leadMetadata", "sponsoredLeadMetadata", "campaign")
    through = From(
        account_id=last_of(inside(response, "owner", "sponsoredAccount")),
        account_name=text_of(inside(response, "ownerInfo", "sponsoredAccountInfo", "name"), 200),
        campaign_id=last_of(inside(campaign, "id") or urn),
        campaign_name=text_of(inside(campaign, "name"), 200),
        creative_id=last_of(
            inside(response, "associatedEntityInfo", "associatedCreative", "id")
            or inside(response, "associatedEntity", "associatedCreative")
        ),
        form_id=form_id_of(response),
        form_name=text_of(inside(form, "name"), 200),
    )
    at = moment_at(inside(response, "submittedAt"))
    return Answer(external_id, said, through, at, is_test=inside(response, "testLead") is True)


def _answered(details: Any, question: Mapping[str, Any]) -> str:
    text = inside(details, "textQuestionAnswer", "answer")
    if text is not None:
        return text_of(text, LONGEST_ANSWER)
    chosen = listed(inside(details, "multipleChoiceAnswer", "options"))
    known = {
        str(inside(one, "id")): localised(inside(one, "text"))
        for one in listed(inside(question, "questionDetails", "multipleChoiceQuestionDetails", "options"))
    }
    return ", ".join(known.get(str(one)) or str(one) for one in chosen)[:LONGEST_ANSWER]


def form_id_of(response: Mapping[str, Any]) -> str:
    """3162 of urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)."""
    said = inside(response, "versionedLeadGenFormUrn") or inside(response, "leadGenForm") or ""
    return last_of(str(said).partition("(")[2].partition(",")[0] or said)


def inside(found: Any, *path: str) -> Any:
    """What stands at the end of a path of names; None where there is no such path."""
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def listed(found: Any) -> list[Any]:
    """A list as it is; anything else as an empty one."""
    return found if isinstance(found, list) else []


def text_of(found: Any, most: int) -> str:
    """A text or number as storable text of at most `most` characters; "" for anything else."""
    return storable(str(found)).strip()[:most] if isinstance(found, str | int) else ""


def last_of(urn: Any) -> str:
    """The id at the end of a URN, or the id itself."""
    return text_of(urn, 500).rpartition(":")[2].strip(")")[:LONGEST_ID]


def localised(found: Any) -> str:
    """The words in English where there are such, else in the first language there is."""
    words = inside(found, "localized")
    if isinstance(words, Mapping) and words:
        return text_of(words.get("en_US") or next(iter(words.values())), 300)
    return text_of(found, 300)


def moment_at(milliseconds: Any) -> datetime | None:
    """A moment given in milliseconds since 1970; None for what is none."""
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
