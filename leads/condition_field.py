"""A condition in a form. Gives the JSON tree; as text, or pasted as JSON, without scripts; in the editor with them.

    from leads.condition_field import ConditionField

    class SegmentForm(forms.ModelForm):
        condition = ConditionField(subject="contact", label="Who belongs to it")

`subject` is one of leads/subjects.py: "lead", "contact", "scoring" (leads, without what follows from scores) or
"scoring-account" (the same of leads that have no contact). A
template draws it with what it meets beside it by templates/conditions/editor.html; `{{ field }}` alone works too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from leads.conditions import InvalidCondition, Node, Vocabulary, describe, parse, parse_source, to_json, to_text
from leads.subjects import SUBJECTS


class ConditionInput(forms.Textarea):
    """The text of a condition with the sentence it makes; static/js/conditions/ turns it into the editor."""

    template_name = "conditions/input.html"

    def __init__(self, subject: str, attrs: dict[str, Any] | None = None) -> None:
        attributes = {"rows": 4, "spellcheck": "false", "autocapitalize": "off", "class": "mono", **(attrs or {})}
        super().__init__(attributes)
        self.subject = subject
        self.says: Callable[[str], str] = str

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context |= {
            "subject": SUBJECTS[self.subject],
            "says": self.says(str(value or "")),
            "addresses": {
                each: reverse(f"leads:condition_{each}", args=[self.subject])
                for each in ("vocabulary", "values", "read", "preview")
            },
        }
        return context


class AdminConditionInput(ConditionInput):
    """The same in Django's admin, whose pages bring no editor along (static/css/admin.css has its colours)."""

    class Media:
        css: ClassVar = {"all": ["css/conditions.css"]}
        js: ClassVar = [forms.Script("js/conditions/editor.js", type="module")]


class ConditionField(forms.Field):
    """Cleans to the tree, `{}` when left empty; refuses by position.

    What was stored goes on being accepted as it is, although it may ask for what is no longer on offer.
    """

    def __init__(self, *, subject: str, required: bool = False, **more: Any) -> None:
        more.setdefault("widget", ConditionInput(subject))
        super().__init__(required=required, **more)
        self.subject = subject
        self.widget.says = self.in_words

    def __deepcopy__(self, memo: dict[int, Any]) -> ConditionField:
        """Each form has its own, which looks the vocabulary up once."""
        field: ConditionField = super().__deepcopy__(memo)
        field.__dict__.pop("vocabulary", None)
        field.widget.says = field.in_words
        return field

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return SUBJECTS[self.subject].vocabulary()

    def prepare_value(self, value: Any) -> Any:
        """The tree as text; what was typed as it was typed."""
        if isinstance(value, str) or not value:
            return value or ""
        try:
            return to_text(parse(value, self.vocabulary, stored=True), self.vocabulary)
        except InvalidCondition:
            return json.dumps(value, ensure_ascii=False)

    def in_words(self, source: str) -> str:
        """The sentence that `source` makes, "" when it makes none."""
        if not source.strip():
            return ""
        try:
            words = describe(parse_source(source, self.vocabulary, stored=True), self.vocabulary)
        except InvalidCondition:
            return ""
        return words[:1].upper() + words[1:]

    def clean(self, value: Any, initial: Any = None) -> dict[str, Any]:
        """Raises ValidationError with the position, also of a tree given as such."""
        try:
            tree = self._tree(self._node(value, initial))
        except InvalidCondition as error:
            raise ValidationError("%(message)s", code=error.code, params={"message": error.message}) from None
        if self.required and not tree:
            raise ValidationError(self.error_messages["required"], code="required")
        return tree

    def _clean_bound_field(self, bound: forms.BoundField) -> dict[str, Any]:
        value = bound.initial if self.disabled else bound.data
        return self.clean(value, bound.initial)

    def _node(self, value: Any, initial: Any) -> Node:
        if not isinstance(value, str):
            return parse(value, self.vocabulary)
        before = self._before(initial)
        if before is not None and parse_source(value, self.vocabulary, stored=True) == before:
            return before
        return parse_source(value, self.vocabulary)

    def _before(self, initial: Any) -> Node | None:
        """What was stored, if it can be read."""
        try:
            return parse(initial, self.vocabulary, stored=True) if initial and not isinstance(initial, str) else None
        except InvalidCondition:
            return None

    @staticmethod
    def _tree(node: Node) -> dict[str, Any]:
        """Without the version: a stored tree may become a part of another."""
        return {key: value for key, value in to_json(node).items() if key != "version"}

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        try:
            before = parse(initial or {}, self.vocabulary, stored=True)
            return parse_source(str(data or ""), self.vocabulary, stored=True) != before
        except InvalidCondition:
            return True
