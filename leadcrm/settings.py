"""The only settings file. Everything that differs between installations is read from the environment, here.

What differs nowhere stands beside it: what apps give each other by name (seams.py), what beat rings (schedule.py).
"""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF

from leadcrm import schedule
from leadcrm.broker import broker_at
from leadcrm.lib import env
from leadcrm.lib.logs import logging_config
from leadcrm.seams import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Who and where -----------------------------------------------------------------------------------------------
DEBUG = env.flag("LEADCRM_DEBUG", False)
SECRET_KEY = env.text("LEADCRM_SECRET_KEY", "" if not DEBUG else "only-for-debugging")
if not SECRET_KEY:
    # Management commands such as makemigrations need no secret; the web server refuses to start with this one.
    SECRET_KEY = "unset"  # noqa: S105
ALLOWED_HOSTS = env.hosts("LEADCRM_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.origins("LEADCRM_TRUSTED_ORIGINS", [])
WORKSPACE_NAME = env.text("LEADCRM_WORKSPACE", "LeadCRM")
TIME_ZONE = env.time_zone("LEADCRM_TIME_ZONE", "UTC")
USE_TZ = True
LANGUAGE_CODE = "en"
USE_I18N = True
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français")]
"""What visitors are spoken to in. Who works here reads English: only pages and mails for visitors are translated."""
LOCALE_PATHS = [BASE_DIR / "leadcrm" / "locale"]
HTTPS = env.flag("LEADCRM_HTTPS", False)
TRUSTED_PROXIES = env.whole("LEADCRM_TRUSTED_PROXIES", 0, most=5)
"""How many proxies of ours stand in front; that many entries of X-Forwarded-For are believed."""

# --- Data --------------------------------------------------------------------------------------------------------
_database = env.database("DATABASE_URL", "postgresql:///leadcrm")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.name,
        "USER": _database.user,
        "PASSWORD": _database.password,
        "HOST": _database.host,
        "PORT": _database.port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "application_name": "leadcrm", **_database.options},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.redis_url("REDIS_URL", "redis://localhost:6379/0")

# --- Django ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_filters",
    "django_htmx",
    "lucide",
    "rules",
    "template_partials",
    "leadcrm.lib",
    "contacts",
    "leads",
    "scoring",
    "segments",
    "forms_intake",
    "leadcrm.api",
    "leadcrm.webhooks",
]
MIDDLEWARE = [
    "leadcrm.health.HealthChecks",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "leadcrm.lib.middleware.RequestLog",
    "leadcrm.lib.middleware.PagePolicy",
    "forms_intake.middleware.Door",
    "leadcrm.lib.middleware.NotForCaches",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "contacts.middleware.ReadersOnlyRead",
    "contacts.middleware.ActingPerson",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "leadcrm.lib.middleware.BackToThePage",
    "leadcrm.lib.middleware.DomainErrors",
]
ROOT_URLCONF = "leadcrm.urls"
WSGI_APPLICATION = "leadcrm.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "leadcrm.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "leadcrm.lib.form_renderer.QuickRenderer"

# --- People ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "contacts.User"
AUTHENTICATION_BACKENDS = ["rules.permissions.ObjectPermissionBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# Whoever ends HTTPS in front of us redirects: to us every request comes in the clear, and we would send it round.
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- What a page may load: our own files and nothing else; no inline script or style -----------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- Files -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60 if not DEBUG else 0

DATA_FOLDER = Path(env.text("LEADCRM_DATA", str(BASE_DIR / "data"))).expanduser()
ATTACHMENTS_FOLDER = str(DATA_FOLDER / "attachments")
"""What people attach to leads: never below anything that is served. Every web process and worker shares it."""
ATTACHMENT_BYTES = env.whole("LEADCRM_ATTACHMENT_MB", 20, least=1, most=1024) * 1024 * 1024
IMPORTS_FOLDER = str(DATA_FOLDER / "imports")
"""Files that are being imported: shared by web processes and workers like attachments, and swept after thirty days."""
IMPORT_BYTES = env.whole("LEADCRM_IMPORT_MB", 200, least=1, most=2048) * 1024 * 1024
LARGEST_UPLOAD_BYTES = max(ATTACHMENT_BYTES, IMPORT_BYTES, 10 * 1024 * 1024)
"""The largest of an attachment, a file to import and a file of people for a list;
what comes beyond is not even kept while it is read."""
FILE_UPLOAD_HANDLERS = [
    "leadcrm.lib.uploads.NoMoreThanTaken",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Work in the background --------------------------------------------------------------------------------------
_broker = broker_at(REDIS_URL)
CELERY_BROKER_URL, CELERY_BROKER_USE_SSL = _broker.url, _broker.checks
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # above the hard time limit, so that nothing runs twice while it still runs
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
}
CELERY_BEAT_SCHEDULER = "leadcrm.clock.HeardScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = env.text("LEADCRM_BEAT_FILE", str(BASE_DIR / "data" / "beat-schedule"))
CELERY_BEAT_SCHEDULE = schedule.SCHEDULE

# --- Mail --------------------------------------------------------------------------------------------------------
_mail = env.mail_url("LEADCRM_EMAIL_URL", "file:")
EMAIL_BACKEND = f"django.core.mail.backends.{_mail.backend}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.starttls, _mail.ssl
EMAIL_FILE_PATH = _mail.folder or str(DATA_FOLDER / "mail")
EMAIL_TIMEOUT = 5
"""Seconds a worker waits for the mail server; whatever it does not answer is tried again later."""
DEFAULT_FROM_EMAIL = env.text("LEADCRM_EMAIL_FROM", "LeadCRM <leadcrm@localhost>")
SITE_URL = env.site_url("LEADCRM_URL", "http://127.0.0.1:8000")
"""Under which address people reach LeadCRM: links in mails begin with it."""

# --- Who is who --------------------------------------------------------------------------------------------------
PHONE_REGION = env.country("LEADCRM_PHONE_REGION", "US")
"""The country of phone numbers typed without one."""

# --- Calling ------------------------------------------------------------------------------------------------------
CALL_CLAIM_MINUTES = env.whole("LEADCRM_CALL_CLAIM_MINUTES", 10, least=1, most=480)
"""How long a lead stays with whoever claimed it for a call, after the page was last open."""
CALL_AGAIN_MINUTES = env.whole("LEADCRM_CALL_AGAIN_MINUTES", 240, least=1)
"""How long a lead waits after a call that did not settle it."""
CALL_UNDO_MINUTES = env.whole("LEADCRM_CALL_UNDO_MINUTES", 15, least=1, most=480)
CALL_SKIP_MINUTES = env.whole("LEADCRM_CALL_SKIP_MINUTES", 30, least=1)
"""When a lead that somebody skipped comes back to them."""

# --- What people ask of their data -------------------------------------------------------------------------------
DATA_REQUEST_DAYS = env.whole("LEADCRM_DATA_REQUEST_DAYS", 30, least=1, most=90)
"""Within how many days people are answered who ask for their data or to be erased."""
ERASURE_FOUR_EYES = env.flag("LEADCRM_ERASURE_FOUR_EYES", False)
"""Whether who entered a request may not be who erases."""

# --- Webhooks ----------------------------------------------------------------------------------------------------
WEBHOOK_PRIVATE_NETWORKS = env.flag("LEADCRM_WEBHOOK_PRIVATE_NETWORKS", False)
"""Whether webhooks may go to private addresses and without HTTPS: for systems in one's own network, and for tests."""

# --- Leads of ads ------------------------------------------------------------------------------------------------
LINKEDIN_API = env.site_url("LEADCRM_LINKEDIN_API", "https://api.linkedin.com")
LINKEDIN_API_VERSION = env.text("LEADCRM_LINKEDIN_API_VERSION", "202610")
"""Which of LinkedIn's monthly versions is asked for; each is there for a year."""
AD_POSTS_PER_MINUTE = env.whole("LEADCRM_AD_POSTS_PER_MINUTE", 600, least=1)
"""How many notifications of leads of ads one address may send to one connector in a minute."""

# --- Mailboxes ---------------------------------------------------------------------------------------------------
MAILBOX_CA_FILE = env.text("LEADCRM_MAILBOX_CA_FILE", "")
"""Certificates (PEM) by which IMAP servers are trusted, where they are not the usual ones."""

# --- The door ----------------------------------------------------------------------------------------------------
FORM_POSTS_PER_MINUTE = env.whole("LEADCRM_FORM_POSTS_PER_MINUTE", 60, least=1)
"""How many posts one address may send to one form in a minute."""
FORM_POST_BYTES = env.whole("LEADCRM_FORM_POST_BYTES", 64 * 1024, least=1024)
FORM_DEFINITION_SECONDS = env.whole("LEADCRM_FORM_DEFINITION_SECONDS", 1, most=60)
"""How long a web process may use a form's definition before it looks again."""
FORM_ADDRESS_PER_HOUR = env.whole("LEADCRM_FORM_ADDRESS_PER_HOUR", 2 * FORM_POSTS_PER_MINUTE, least=1)
"""From how many posts an hour on, to all forms together, those of one address are marked."""
FORM_TOTAL_PER_HOUR = env.whole("LEADCRM_FORM_TOTAL_PER_HOUR", 50 * FORM_POSTS_PER_MINUTE, least=1)
"""From how many posts an hour on those of one form are marked, whoever sends them."""
BADGE_FONT = env.text("LEADCRM_BADGE_FONT", "")
CAPTCHA_SERVICE = env.choice("LEADCRM_CAPTCHA", "none", ["none", "turnstile", "hcaptcha", "recaptcha"])
CAPTCHA_SITE_KEY = env.text("LEADCRM_CAPTCHA_SITE_KEY", "")
CAPTCHA_SECRET = env.text("LEADCRM_CAPTCHA_SECRET", "")
CAPTCHA_URL = env.text("LEADCRM_CAPTCHA_URL", "")
"""Where verdicts are asked for, where that is not the service's own address: it may be a private one."""
FORM_MIN_MILLISECONDS = env.whole("LEADCRM_FORM_MIN_MILLISECONDS", 100)
"""A form of ours that comes back sooner than this after it was shown was not filled in by a person."""
HITS_PER_MINUTE = env.whole("LEADCRM_HITS_PER_MINUTE", 600, least=1)
"""How often one address may send page views of one website, or open and follow what stands in mails, in a minute."""
HITS_ATTRIBUTED_DAYS = env.whole("LEADCRM_HITS_ATTRIBUTED_DAYS", 30, least=0, most=365)
"""How far back what a browser did is given to the contact it turns out to be."""
HITS_KEPT_DAYS = env.whole("LEADCRM_HITS_KEPT_DAYS", 90, least=1, most=3650)
"""How long visits of nobody we know are kept."""
VISITS_KEPT_DAYS = env.whole("LEADCRM_VISITS_KEPT_DAYS", 730, least=1, most=3650)
"""How long visits of contacts are kept; the interactions they made stay."""
SIGN_INS_PER_MINUTE = env.whole("LEADCRM_SIGN_INS_PER_MINUTE", 10, least=1)
READY_SECONDS = env.whole("LEADCRM_READY_SECONDS", 300, least=1)
"""How long a submission or a change may wait before /readyz says that we are degraded."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000
"""A file of 500 columns is mapped by one form."""

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(
    level=env.choice("LEADCRM_LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]),
    lines_for_people=env.flag("LEADCRM_LOG_PLAIN", False),
)
