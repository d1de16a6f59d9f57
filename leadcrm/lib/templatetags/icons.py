"""Icons, each drawn once: the library parses one anew each time, half a millisecond, and a page has twenty."""

from __future__ import annotations

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide

register = template.Library()
register.simple_tag(lru_cache(maxsize=512)(lucide), name="lucide")
