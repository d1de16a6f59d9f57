"""Who may do what with segments, by role alone."""

from __future__ import annotations

from contacts.permissions import is_marketer
from leadcrm.lib.permissions import allow
from segments.models import Membership, MembershipChange, Pick, Segment

allow(is_marketer, Segment, Pick)
allow(is_marketer, Membership, MembershipChange, to=("view",))
