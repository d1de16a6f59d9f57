"""Generated conditions and rows, drawn from the same few values so that they often meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from contacts.models import ConsentLevel, ContactRole, CustomFieldType, InteractionType, MarketingContext
from leads.conditions import Vocabulary
from leads.conditions.operators import FieldType, Takes
from leads.conditions.vocabulary import Field
from leads.models import Rating, Status
from leads.stages import Stage

NOW = datetime(2026, 3, 29, 21, 30, tzinfo=UTC)
"""In Berlin half past eleven in the evening of the day that had 23 hours."""

TEXTS = ["no", "NO", "Norway", "a%b", "a_b", "axb", "\\", "\\%", "é", "É", "ß", "SS", " ", "'", '"', "a@no", "n"]
NUMBERS = [-1, 0, 1, 2.5, 10, 0.1, 40, 1e15, -0.0, 120]
DAYS = ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30", "2026-04-02", "2025-10-26", "1999-12-31"]
CHOICES = ["a", "b", "A"]
ODD = [5, "5", "2026-99-99", "2026-03-29\n", True, False, None, [], {}, ["a", 1], {"a": 1}, 1e308, "", "a"]
BEHAVIOURS = [InteractionType.CALL, InteractionType.PAGE_VISITED]

texts = st.sampled_from(TEXTS)
maybe_text = st.sampled_from([*TEXTS, "", ""])
moments = st.builds(
    lambda days, seconds: NOW.replace(hour=22, minute=0) + timedelta(days=days, seconds=seconds),
    st.integers(-8, 8),
    st.sampled_from([0, -1, 1, 3600, 3599, -3600, -3601, 40000]),
)
days = st.integers(1, 6)


def some(values: list[Any]) -> st.SearchStrategy:
    return st.sampled_from(values)


def several(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(strategy, min_size=1, max_size=3)


def scalars(field: Field, ids: Callable[[str], list[int]]) -> st.SearchStrategy:
    """Valid values for a field."""
    if field.type in (FieldType.CHOICE, FieldType.MULTI_CHOICE):
        assert field.choices is not None
        return some([value for value, _ in field.choices.offered()])
    return {
        FieldType.TEXT: texts,
        FieldType.NUMBER: some(NUMBERS),
        FieldType.DATE: some(DAYS),
        FieldType.DATETIME: some(DAYS),
        FieldType.YES_NO: st.booleans(),
        FieldType.REFERENCE: some(ids(field.name)) if field.type is FieldType.REFERENCE else st.nothing(),
    }[field.type]


def comparisons(field: Field, ids: Callable[[str], list[int]]) -> st.SearchStrategy:
    """Valid comparisons of one field, with each of its operators."""
    value = scalars(field, ids)
    operands = {
        Takes.NOTHING: st.none(),
        Takes.ONE: value,
        Takes.SEVERAL: several(value),
        Takes.TWO: st.tuples(value, value).map(lambda pair: sorted(pair)),
        Takes.DAYS: days,
    }
    return st.one_of(
        *(
            st.fixed_dictionaries({"field": st.just(field.name), "op": st.just(op.name), "value": operands[op.takes]})
            for op in field.operators.values()
        )
    )


behaviours = st.one_of(
    st.fixed_dictionaries(
        {"did": some([each.value for each in BEHAVIOURS])},
        optional={"at_least": st.integers(1, 3), "within_days": days, "subject_contains": texts},
    ),
    st.fixed_dictionaries(
        {"did": some([each.value for each in BEHAVIOURS]), "none": st.just(True)},
        optional={"within_days": days, "subject_contains": texts},
    ),
)


def trees(vocabulary: Vocabulary, ids: Callable[[str], list[int]], leaves: int = 8) -> st.SearchStrategy:
    """Valid trees; every type of field as often as the others, and behaviours more often."""
    by_type: dict[str, list[st.SearchStrategy]] = {}
    for field in vocabulary.fields.values():
        by_type.setdefault(field.type, []).append(comparisons(field, ids))
    kinds = [*(st.one_of(*fields) for fields in by_type.values()), behaviours, behaviours]
    leaf: st.SearchStrategy = some(kinds).flatmap(lambda kind: kind)
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"not": inner}),
        ),
        max_leaves=leaves,
    )


junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(alphabet=st.characters(), max_size=8),
        some(
            ["\0", "\ud800", "topic", "is", "2026-03-29", 10**400, "all", "'; drop table leads_lead; --", "%s", "%(a)s"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(
                some(
                    ["all", "any", "not", "field", "op", "value", "did", "none", "at_least", "version", "within_days"]
                ),
                st.text(max_size=4),
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@st.composite
def spoilt(draw: st.DrawFn, good: st.SearchStrategy) -> Any:
    """A valid tree with one place in it replaced by junk, or with a key too many."""
    tree = draw(good)
    place, key = {"root": tree}, "root"
    while isinstance(place[key], dict | list) and draw(st.booleans()):
        place = place[key]
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(some(keys)) if keys else "root"
        if not keys:
            return tree
    if isinstance(place[key], dict) and draw(st.booleans()):
        place[key] = {**place[key], draw(st.text(max_size=4)): draw(junk)}
        return tree
    if key == "root":
        return draw(junk)
    place[key] = draw(junk)
    return tree


def custom_values(kinds: dict[str, str]) -> st.SearchStrategy:
    """What a record's `custom` may hold: mostly right, sometimes odd, sometimes absent."""
    right = {
        CustomFieldType.TEXT: maybe_text,
        CustomFieldType.NUMBER: some(NUMBERS),
        CustomFieldType.DATE: some(DAYS),
        CustomFieldType.CHOICE: some(CHOICES),
        CustomFieldType.MULTI_CHOICE: st.lists(some(CHOICES), max_size=3),
        CustomFieldType.YES_NO: st.booleans(),
    }
    return st.fixed_dictionaries(
        {},
        optional={
            key: st.one_of(right[CustomFieldType(kind)], right[CustomFieldType(kind)], some(ODD))
            for key, kind in kinds.items()
        },
    )


def rows(kinds: dict[str, str], ids: Callable[[str], list[int]]) -> st.SearchStrategy:
    """Descriptions of leads, each with its own contact and accounts, for `test_agreement.stand`."""
    account = st.fixed_dictionaries(
        {
            "country": maybe_text,
            "name": texts,
            "industry": maybe_text,
            "employees": some([None, 0, 10, 120]),
            "deleted_at": some([None, None, NOW]),
            "custom": custom_values(kinds),
        }
    )
    contact = st.fixed_dictionaries(
        {
            "first_name": maybe_text,
            "country": maybe_text,
            "email": some(["", "x@no", "x@NO", "no"]),
            "role": some(["", *ContactRole.values]),
            "consent_level": some(ConsentLevel.values),
            "marketing_only": st.booleans(),
            "created_at": moments,
            "custom": custom_values(kinds),
        }
    )
    lead = st.fixed_dictionaries(
        {
            "topic": maybe_text,
            "description": maybe_text,
            "rating": some(["", *Rating.values]),
            "status": some(Status.values),
            "stage": some(Stage.values),
            "sales_ready": st.booleans(),
            "score": some([None, 0, 1, 10, 40]),
            "scored_at": st.one_of(st.none(), moments),
            "created_at": moments,
            "custom": custom_values(kinds),
            "product_id": some([None, *ids("product")]),
            "owner_id": some([None, *ids("owner")]),
            "marketing_context_id": some([None, *ids("marketing_context")]),
        }
    )
    interaction = st.fixed_dictionaries(
        {"type": some(BEHAVIOURS), "occurred_at": st.one_of(moments, st.just(NOW)), "subject": maybe_text}
    )
    return st.lists(
        st.fixed_dictionaries(
            {
                "lead": lead,
                "contact": st.one_of(st.none(), contact, contact),
                "own_account": st.one_of(st.none(), st.none(), account),
                "contacts_account": st.one_of(st.none(), account),
                "interactions": st.lists(interaction, max_size=4),
            }
        ),
        min_size=1,
        max_size=6,
    )


KINDS = [MarketingContext.Kind.FORM, MarketingContext.Kind.PAGE]
