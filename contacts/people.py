"""The people of the workspace, as drop-downs offer them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from contacts.models import User
from contacts.roles import Ability, roles_with


def people_to_assign(*kept: int | None) -> QuerySet[User]:
    """Whom work can be given to, by name; beside them who has it already (`kept`, ids), or an edit of something else
    would take it away from somebody who left or only reads now.
    """
    able = Q(is_active=True, role__in=roles_with(Ability.WRITE))
    had = [pk for pk in kept if pk is not None]
    people = User.objects.filter(able | Q(pk__in=had) if had else able)
    return people.order_by("first_name", "last_name", "username")
