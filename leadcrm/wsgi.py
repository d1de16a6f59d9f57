"""The door for web servers."""

import os
from importlib import import_module

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings")

from leadcrm.celery import app as celery_app

if settings.SECRET_KEY == "unset":  # noqa: S105
    raise ImproperlyConfigured("LEADCRM_SECRET_KEY is not set; pages are not served without a secret.")
celery_app.set_default()
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # all pages, before workers are forked: nobody waits for them, and they are shared
