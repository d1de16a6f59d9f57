"""The form in which a view is named and shared."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.access import may_share_views
from contacts.models import Role, SavedView, Sharing, User
from leadcrm.lib.seen_form import SeenForm

EVERYBODY, ONLY_ME, TO_ROLE = "everybody", "private", "role:"


class ViewForm(SeenForm):
    """Its name and who sees it; what it shows is what the list showed."""

    name = forms.CharField(max_length=80)
    shared = forms.ChoiceField(label="Who sees it")
    pinned = forms.BooleanField(required=False, label="A tab above the list", help_text="For everybody who sees it.")

    def __init__(self, data: Any = None, *, user: User, view: SavedView | None = None, **initial: Any) -> None:
        known = {"name": view.name, "shared": shared_of(view), "pinned": view.pinned} if view else {}
        super().__init__(data, initial={"shared": ONLY_ME, "pinned": True, **known, **initial})
        roles = [(f"{TO_ROLE}{role}", f"Every {role.label.lower()}") for role in Role]
        choices = [(ONLY_ME, Sharing.PRIVATE.label), (EVERYBODY, Sharing.EVERYBODY.label), *roles]
        field = self.fields["shared"]
        assert isinstance(field, forms.ChoiceField)
        # What is shared already stays shared by who only renames it.
        field.choices = [one for one in choices if may_share_views(user) or one[0] in {ONLY_ME, known.get("shared")}]
        self.remember()

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def values(self) -> dict[str, Any]:
        """As the service takes them."""
        shared = self.cleaned_data["shared"]
        role = shared.removeprefix(TO_ROLE) if shared.startswith(TO_ROLE) else ""
        sharing = Sharing.ROLE if role else Sharing(shared)
        return {
            "name": self.cleaned_data["name"],
            "sharing": sharing,
            "role": role,
            "pinned": self.cleaned_data["pinned"],
        }


def shared_of(view: SavedView) -> str:
    """The choice that says who sees a view."""
    return f"{TO_ROLE}{view.role}" if view.sharing == Sharing.ROLE else str(view.sharing)
