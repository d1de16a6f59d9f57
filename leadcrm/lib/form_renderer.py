"""How forms are drawn: as Django's templates say, but selects, plain inputs and absent errors without a template.

The bar above a list has some thirty fields. By templates each takes a millisecond, most of it for options, and that on
every page of every list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

Context = Mapping[str, Any]


class QuickRenderer(TemplatesSetting):
    """The renderer of the settings: what is in `QUICK` is written here, everything else by its template."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        quick = QUICK.get(template_name)
        return quick(context) if quick else SafeString(super().render(template_name, context, request))


def text(value: object) -> str:
    """`value` for HTML: as it is when it says that it is HTML, else escaped."""
    html = getattr(value, "__html__", None)
    return str(html()) if html is not None else escape(str(value))


def attributes(attrs: Context) -> str:
    """The attributes of a widget, as django/forms/widgets/attrs.html writes them."""
    parts = []
    for name, value in attrs.items():
        if value is True:
            parts.append(f" {text(name)}")
        elif value is not False:
            parts.append(f' {text(name)}="{text(value)}"')
    return "".join(parts)


def _input(context: Context) -> SafeString:
    widget = context["widget"]
    value = "" if widget["value"] is None else f' value="{text(widget["value"])}"'
    kind, name = text(widget["type"]), text(widget["name"])
    return SafeString(f'<input type="{kind}" name="{name}"{value}{attributes(widget["attrs"])}>')


def _select(context: Context) -> SafeString:
    widget = context["widget"]
    parts = [f'<select name="{text(widget["name"])}"{attributes(widget["attrs"])}>']
    for group, options, _ in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{text(group)}">')
        for option in options:
            chosen = " selected" if option["selected"] else ""
            parts.append(f'<option value="{text(option["value"])}"{chosen}>{text(option["label"])}</option>')
        if group:
            parts.append("</optgroup>")
    parts.append("</select>")
    return SafeString("".join(parts))


def _errors(context: Context) -> SafeString:
    errors = context["errors"]
    if not errors:
        return SafeString("")
    field_id = getattr(errors, "field_id", None)
    named = f' id="{text(field_id)}_error"' if field_id else ""
    items = "".join(f"<li>{text(error)}</li>" for error in errors)
    return SafeString(f'<ul class="{text(context["error_class"])}"{named}>{items}</ul>')


_INPUTS = ("text", "number", "email", "url", "date", "datetime", "time", "hidden", "search", "tel")
QUICK: dict[str, Callable[[Context], SafeString]] = {
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/input.html": _input,
    "django/forms/errors/list/ul.html": _errors,
    **{f"django/forms/widgets/{kind}.html": _input for kind in _INPUTS},
}
