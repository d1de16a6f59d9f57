"""Forms drawn without templates look as Django's templates draw them, whatever stands in them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from leadcrm.lib.form_renderer import QUICK, QuickRenderer

HOSTILE = st.text(st.sampled_from("<>&\"'=` aé\u202e"), max_size=12)
WIDGETS = [forms.TextInput, forms.NumberInput, forms.EmailInput, forms.HiddenInput, forms.DateInput, forms.SearchInput]


def without_space(html: str) -> str:
    return re.sub(r"\s*([<>])\s*", r"\1", html)


def both(widget: forms.Widget, value: Any, attrs: dict[str, Any]) -> list[str]:
    return [
        without_space(widget.render("who", value, attrs, renderer=one())) for one in (QuickRenderer, TemplatesSetting)
    ]


@given(widget=st.sampled_from(WIDGETS), value=st.none() | HOSTILE | st.integers(), title=HOSTILE, needed=st.booleans())
def test_inputs_are_drawn_as_by_their_templates(widget: type[forms.Widget], value: Any, title: str, needed: bool):
    ours, djangos = both(widget(), value, {"id": "id_who", "title": title, "required": needed, "data-none": None})
    assert ours == djangos


@given(labels=st.lists(HOSTILE, max_size=4), chosen=st.integers(0, 5), group=HOSTILE, title=HOSTILE)
def test_selects_are_drawn_as_by_their_templates(labels: list[str], chosen: int, group: str, title: str):
    choices: list[Any] = [*enumerate(labels), (group, [("x", mark_safe("<b>")), ("", "Any")])]
    ours, djangos = both(forms.Select(choices=choices), chosen, {"id": "id_who", "title": title})
    assert ours == djangos


def test_errors_stand_in_a_list_that_their_field_names_and_none_stand_nowhere():
    class Asked(forms.Form):
        age = forms.IntegerField()

    form = Asked({"age": "<ten>"})
    assert str(form["age"].errors) == '<ul class="errorlist" id="id_age_error"><li>Enter a whole number.</li></ul>'
    assert str(Asked({"age": "10"})["age"].errors) == ""


@pytest.mark.parametrize("name", sorted(QUICK))
def test_what_is_drawn_quickly_is_a_template_of_django(name: str):
    assert TemplatesSetting().get_template(name)
