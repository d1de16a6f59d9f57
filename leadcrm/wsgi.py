"""The door for web servers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings")

from leadcrm.celery import app as celery_app

celery_app.set_default()
application = get_wsgi_application()
