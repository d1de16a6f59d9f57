"""What the ground refuses, by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from leadcrm.lib.errors import DomainError


class DuplicateContact(DomainError):
    """Another contact is already known by this e-mail or external id. `contact_id` is that contact."""

    code = "duplicate_contact"

    def __init__(self, contact_id: int, field: str) -> None:
        words = {"email": "e-mail address", "external_id": "external id"}[field]
        super().__init__(f"Another contact already has this {words}.", contact_id=contact_id, field=field)
        self.contact_id, self.field = contact_id, field


class DuplicateAccount(DomainError):
    """Another account already has this domain or external id. `account_id` is that account."""

    code = "duplicate_account"

    def __init__(self, account_id: int, field: str) -> None:
        words = {"domain": "domain", "external_id": "external id"}[field]
        super().__init__(f"Another account already has this {words}.", account_id=account_id, field=field)
        self.account_id, self.field = account_id, field


class ChangedMeanwhile(DomainError):
    """Someone saved the record after this person had opened it. Nothing was saved."""

    code = "changed_meanwhile"

    def __init__(self, record: str, record_id: int, *, seen: int, current: int) -> None:
        super().__init__(
            f"Someone else changed this {record} while you were editing it.",
            record=record,
            id=record_id,
            seen=seen,
            current=current,
        )
        self.record, self.record_id, self.seen, self.current = record, record_id, seen, current


class RecordGone(DomainError):
    """The record does not exist, or was deleted."""

    code = "gone"
    status = 404

    def __init__(self, record: str, record_id: int) -> None:
        super().__init__(f"This {record} does not exist, or was deleted.", record=record, id=record_id)
        self.record, self.record_id = record, record_id


class InvalidValues(DomainError):
    """Some values cannot be stored. `errors` maps field names (custom ones as custom.<key>) to what is wrong."""

    code = "invalid_values"
    status = 422

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("Some values cannot be saved: " + " ".join(errors.values()), errors=errors)
        self.errors = errors


class UnknownField(DomainError):
    """A service was asked to write a field that people do not edit."""

    code = "unknown_field"
    status = 422

    def __init__(self, record: str, fields: list[str]) -> None:
        super().__init__(f"A {record} has no editable field {', '.join(fields)}.", record=record, fields=fields)
        self.fields = fields


class CannotRestore(DomainError):
    """A deleted record cannot come back as it was."""

    code = "cannot_restore"

    def __init__(self, record: str, record_id: int, reason: str, **data: Any) -> None:
        super().__init__(f"This {record} cannot be restored: {reason}.", record=record, id=record_id, **data)
        self.reason = reason


class InvalidStrategy(DomainError):
    """A matching strategy names no attribute, or one that cannot be matched on."""

    code = "invalid_strategy"
    status = 422

    def __init__(self, attributes: list[str], expected: tuple[str, ...]) -> None:
        super().__init__(f"A matching strategy needs some of {', '.join(expected)}.", attributes=attributes)


class CannotList(DomainError):
    """What the address of a list asks for cannot be met; who would act on the whole list must not act on everything."""

    code = "cannot_list"
    status = 422


class WasErased(DomainError):
    """Somebody with this identity asked to be erased: only they themselves come back. `erased_at` is when."""

    code = "was_erased"

    def __init__(self, erased_at: datetime) -> None:
        day = f"{timezone.localtime(erased_at):%d.%m.%Y}"
        super().__init__(
            f"This person was erased at their own request on {day} and is not taken back without their will.",
            erased_on=day,
        )
        self.erased_at = erased_at


class AlreadyAnswered(DomainError):
    """Somebody was quicker with a request about data."""

    code = "already_answered"

    def __init__(self, request_id: int, who: str, state: str) -> None:
        super().__init__(f"{who} has answered this request meanwhile: it is {state}.", id=request_id, by=who)
        self.who = who
