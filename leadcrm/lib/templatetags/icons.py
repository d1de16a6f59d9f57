"""The library's icons, each drawn once: parsing one takes half a millisecond, and a page has twenty.

Stands in the place of the library's own tags because leadcrm.lib comes after it in INSTALLED_APPS.
"""

from __future__ import annotations

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide

register = template.Library()
register.simple_tag(lru_cache(maxsize=512)(lucide), name="lucide")
