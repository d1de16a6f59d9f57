"""What is asked only about some types of fields: said to the script that shows it, and emptied for all others."""

from __future__ import annotations

import json
from typing import Any

from forms_intake.models import Ask, Display, FieldType
from forms_intake.showing import Op

CHOOSING = (FieldType.CHOICE, FieldType.MULTI_CHOICE)
WRITTEN = (FieldType.TEXT, FieldType.LONG_TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL)
SEEN_TYPES = tuple(one for one in FieldType if one != FieldType.HIDDEN)
ONLY_FOR: dict[str, tuple[str, ...]] = {
    "choices": CHOOSING,
    "display": (FieldType.CHOICE, FieldType.YES_NO),
    "max_length": (*WRITTEN, FieldType.HIDDEN),
    "pattern": WRITTEN,
    "pattern_message": WRITTEN,
    "consent_level": (FieldType.CONSENT,),
    "purpose": (FieldType.CONSENT,),
    "placeholder": (*WRITTEN, FieldType.WHOLE, FieldType.NUMBER, FieldType.CHOICE),
    "help": SEEN_TYPES,
    "required": SEEN_TYPES,
    "message": SEEN_TYPES,
    "default": tuple(one for one in FieldType if one != FieldType.CONSENT),
    "prefill": tuple(one for one in SEEN_TYPES if one != FieldType.CONSENT),
    "ask": tuple(one for one in SEEN_TYPES if one != FieldType.CONSENT),
    "show_key": SEEN_TYPES,
    "show_op": SEEN_TYPES,
    "show_values": SEEN_TYPES,
}


def shown_by(name: str) -> tuple[str, str, str] | None:
    """What shows the question, as shown.js reads it: which field, how, and (as JSON) which values; None: nothing hides
    it.
    """
    if name == "show_op":
        return "show_key", Op.FILLED.value, "[]"
    if name == "show_values":
        return "show_op", Op.IS.value, json.dumps([Op.IS.value, Op.IS_NOT.value])
    return ("type", Op.IS.value, json.dumps([str(one) for one in ONLY_FOR[name]])) if name in ONLY_FOR else None


def nothing(name: str) -> Any:
    """What the column of a question says that is not asked."""
    empty: dict[str, Any] = {
        "choices": [], "show_values": [], "required": False, "max_length": 1000, "consent_level": None, "purpose": None,
        "ask": Ask.ALWAYS.value, "display": Display.USUAL.value, "show_op": Op.IS.value,
    }  # fmt: skip
    return empty.get(name, "")
