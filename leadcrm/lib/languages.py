"""In which language visitors are spoken to. Sentences are in leadcrm/locale/; `python -m tests.catalogues` compiles."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

ENGLISH = "en"
LANGUAGES = {
    "en": "English",
    "ar": "العربية",
    "bg": "Български",
    "ca": "Català",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "es": "Español",
    "et": "Eesti",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "nb": "Norsk bokmål",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "pt-BR": "Português (Brasil)",
    "ro": "Română",
    "ru": "Русский",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "sr": "Српски",
    "sv": "Svenska",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "Українська",
    "vi": "Tiếng Việt",
    "zh-Hans": "中文（简体）",
    "zh-Hant": "中文（繁體）",
}
"""Those that pages and words may be in, as they call themselves. Not all of them have a catalogue."""


def spoken(language: str) -> str:
    """The language itself where we have our sentences in it, else English: half a page in each would help nobody."""
    return language if language in dict(settings.LANGUAGES) else ENGLISH


def speaking(language: str) -> AbstractContextManager[None]:
    """Within it, `gettext` and templates speak this language, or English where we do not have it."""
    return translation.override(spoken(language))


def asked_for(request: HttpRequest) -> str:
    """What the visitor's browser asks for, of what we speak. Answers that go by it vary on Accept-Language."""
    return spoken(translation.get_language_from_request(request))
