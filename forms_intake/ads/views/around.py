"""Around every page of a connector: who may see it, its head, and what is said when it cannot be saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from contacts.errors import InvalidValues
from contacts.roles import Ability, can
from forms_intake.ads.access import network
from forms_intake.models import Connector

View = Callable[..., HttpResponse]
CHANGED = "{who} changed this connector while you were looking at it. Below is what you typed; save again to keep it."


def marketers(view: View) -> View:
    """Only for who keeps forms."""

    @login_required
    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can(request.user, Ability.MARKET):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return kept


def connector_or_404(connector_id: int) -> Connector:
    """The connector, with what its pages say of it."""
    related = ("form__lead_owner", "form__lead_strategy", "form__contact_strategy", "product", "edited_by")
    return get_object_or_404(Connector.objects.select_related(*related), pk=connector_id)


def head_of(one: Connector, here: str) -> dict[str, Any]:
    """What heads its pages; `here` is the one that is open."""
    return {"connector": one, "label": network(one).label, "by_file": network(one).by_file, "here": here}


def tell(form: Any, error: InvalidValues) -> None:
    """Say what is wrong at the field it is about, else above the form."""
    for name, words in error.errors.items():
        form.add_error(name if name in form.fields else None, words)


def tell_second(form: Any, now: Connector) -> None:
    """Say who was first, and let what was typed be saved after all."""
    form.add_error(None, CHANGED.format(who=now.edited_by or "Somebody"))
    form.data = {**form.data.dict(), "version": str(now.version)}
