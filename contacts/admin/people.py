"""Those who sign in. The role alone says what they may do."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest

from contacts.doorbells import person_left
from contacts.models import Role, User

NAMES = ("username", "first_name", "last_name", "email")


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = (*NAMES, "role")


class UserForm(UserChangeForm):
    class Meta:
        model = User
        fields = (*NAMES, "role", "is_active", "password")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        stays = found.get("role") == Role.ADMINISTRATOR and found.get("is_active")
        others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=self.instance.pk)
        was = self.initial.get("role") == Role.ADMINISTRATOR
        if was and not stays and not others.exists():
            self.add_error("role", "This is the last administrator; make somebody else one first.")
        return found


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Who leaves is made inactive, not deleted: their name stays in the history."""

    form = UserForm
    add_form = NewUserForm
    list_display = ("username", "first_name", "last_name", "email", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    ordering = ("username",)
    filter_horizontal = ()
    show_full_result_count = False
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": (("first_name", "last_name"), "email")}),
        (
            "Access",
            {"fields": ("role", "is_active"), "description": "Marketers and administrators work in this admin."},
        ),
        ("Dates", {"fields": (("last_login", "date_joined"),)}),
    )
    readonly_fields = ("last_login", "date_joined")
    add_fieldsets = (
        (None, {"fields": ("username", ("first_name", "last_name"), "email", "role")}),
        ("Password", {"fields": ("usable_password", "password1", "password2")}),
    )

    class Media:
        css = {"all": ["css/admin.css"]}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            person_left()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


admin.site.unregister(Group)
