"""The only settings file. Everything that differs between installations is read from the environment."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from csp.constants import NONE, SELF

from leadcrm.lib import env
from leadcrm.lib.logs import logging_config

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
REDIS_CERTIFICATES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_redis = urlsplit(REDIS_URL)
_redis_db = parse_qs(_redis.query).get("db", ["0"])[0]
CELERY_BROKER_URL = f"redis+socket://{_redis.path}?virtual_host={_redis_db}" if _redis.scheme == "unix" else REDIS_URL
# Celery would take any certificate unless told otherwise; Redis' own client checks it by default.
if _redis.scheme == "rediss":
    CELERY_BROKER_URL = _redis._replace(query="").geturl()  # what it says of certificates would win over what follows
_redis_checks = parse_qs(_redis.query).get("ssl_cert_reqs", ["required"])[0]
CELERY_BROKER_USE_SSL = (
    {"ssl_cert_reqs": _redis_checks, "ssl_check_hostname": _redis_checks == "required"}
    | {name: values[0] for name, values in parse_qs(_redis.query).items() if name in REDIS_CERTIFICATES}
    if _redis.scheme == "rediss"
    else None
)
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
CELERY_BEAT_SCHEDULE = {
    # Whatever a lost doorbell left behind is found within seconds.
    "sweep submissions": {"task": "forms_intake.process_submissions", "schedule": 2.0, "options": {"expires": 2}},
    "sweep changes": {"task": "scoring.score_changes", "schedule": 2.0, "options": {"expires": 2}},
    "sweep segments": {"task": "segments.refresh", "schedule": 5.0, "options": {"expires": 5}},
    # Scores that time alone changes: next_change_at may be early, never late, and is followed within a minute.
    "scores that are due": {"task": "scoring.score_due", "schedule": 20.0, "options": {"expires": 20}},
    # What was dated ahead and counts by now.
    "dated ahead": {"task": "contacts.note_what_is_due", "schedule": 10.0, "options": {"expires": 10}},
    "rehearsals": {"task": "scoring.rehearse", "schedule": 10.0, "options": {"expires": 10}},
    # Deleted records can be restored for thirty days, then they go; delivered outbox rows and old keys go with them.
    "forget": {"task": "contacts.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    # Facts for other systems, in order; and what is long told.
    "webhooks": {"task": "webhooks.deliver", "schedule": 2.0, "options": {"expires": 2}},
    "forget webhooks": {"task": "webhooks.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    "forget answers": {"task": "api.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    # Page views, and what happened to mails.
    "sweep hits": {"task": "forms_intake.track", "schedule": 2.0, "options": {"expires": 2}},
    # Imports whose doorbell was lost, or whose worker died.
    "imports": {"task": "forms_intake.do_imports", "schedule": 5.0, "options": {"expires": 5}},
    # Leads of ads that were told of, and those that were not; what was told long ago.
    "ad leads": {"task": "forms_intake.fetch_ad_leads", "schedule": 10.0, "options": {"expires": 10}},
    "mailboxes": {"task": "forms_intake.read_mailboxes", "schedule": 15.0, "options": {"expires": 15}},
    # Invitations from waiting lists that run out, and events that are over.
    "events": {"task": "forms_intake.events", "schedule": 30.0, "options": {"expires": 30}},
    "forget posts": {"task": "forms_intake.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    # What was written to contacts while they were merged away.
    "merged": {"task": "contacts.fetch_stragglers", "schedule": 60.0, "options": {"expires": 60}},
    # Contacts that may be one person, a moment at a time.
    "duplicates": {"task": "contacts.look_for_duplicates", "schedule": 2.0, "options": {"expires": 2}},
    # New matching strategies get their keys for what was there before.
    "contact keys": {"task": "contacts.backfill_strategies", "schedule": 10.0, "options": {"expires": 10}},
    "lead keys": {"task": "leads.backfill_strategies", "schedule": 10.0, "options": {"expires": 10}},
    # Leads that rules are still to be asked about, those of people who left, and first responses that are late.
    "assignment": {"task": "leads.assign", "schedule": 5.0, "options": {"expires": 5}},
    "assignment runs": {"task": "leads.run_assignment", "schedule": 10.0, "options": {"expires": 10}},
    "leavers": {"task": "leads.give_on", "schedule": 20.0, "options": {"expires": 20}},
    "first responses": {"task": "leads.follow_clocks", "schedule": 20.0, "options": {"expires": 20}},
    # Leads of processes that were changed, where they are many.
    "changed processes": {"task": "leads.sweep_processes", "schedule": 5.0, "options": {"expires": 5}},
    # Leads that stay longer in a stage than their process allows.
    "stage limits": {"task": "leads.stage_limits", "schedule": 300.0, "options": {"expires": 300}},
    # What is no longer to be called later.
    "calls for later": {"task": "leads.tidy_calls", "schedule": 3600.0, "options": {"expires": 3600}},
    # Changes of many leads whose doorbell was lost, and those that are long over.
    "bulk jobs": {"task": "leads.do_bulk", "schedule": 5.0, "options": {"expires": 5}},
    "forget bulk jobs": {"task": "leads.forget_bulk", "schedule": 3600.0, "options": {"expires": 3600}},
    # Custom fields marked searchable get their indexes.
    # Mails that are due, tasks that fell due, digests in the morning, old notices.
    "mail": {"task": "leads.deliver_mail", "schedule": 10.0, "options": {"expires": 10}},
    "reminders": {"task": "leads.remind", "schedule": 30.0, "options": {"expires": 30}},
    "reports": {"task": "leads.report", "schedule": 5.0, "options": {"expires": 5}},
    "forget notices": {"task": "leads.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    "searchable fields": {"task": "leads.keep_indexes", "schedule": 30.0, "options": {"expires": 30}},
}

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

# --- What may be asked in a condition, beside what leads knows: a function (subject) -> Offer of each app above -----
CONDITION_OFFERS = ["segments.conditions.offered", "forms_intake.conditions.offered"]

# --- What goes with a contact that is deleted (contacts/hanging.py) ------------------------------------------------
HANGS_ON_CONTACTS = ["forms_intake.events.hanging.REGISTRATIONS", "leads.hanging.LEADS"]

# --- What goes along when a contact is merged, and needs more than another contact (contacts/merging/seam.py) ------
MOVES_WITH_CONTACTS = [
    "forms_intake.events.hanging.MERGED_REGISTRATIONS",
    "leads.merging.LEADS",
    "segments.merging.PICKS",
]

# --- What is told of a contact on its timeline, besides what contacts know themselves (contacts/telling.py) --------
TELLS_OF_CONTACTS = [
    "leads.story_of_contact.TELLS_OF_LEADS",
    "segments.story_of_contact.TELLS_OF_SEGMENTS",
    "forms_intake.tracking.story.TELLS_OF_VISITS",
]

# --- What the lists of contacts and leads are narrowed by, besides their own filters (contacts/narrowing.py) ------
NARROWS_LISTS = ["leads.by_condition.BY_CONDITION", "segments.narrowing.BY_SEGMENT"]

# --- Where forms and pages that own marketing contexts can be seen (leads/marketing/origin.py) --------------------
PLACES_OF_CONTEXTS = ["forms_intake.contexts.places"]

# --- What is known of a lead's files beside their rows (leads/attachments/telling.py) -----------------------------
TELLS_OF_FILES = ["forms_intake.mailbox.telling.told_of_files"]

# --- Mails to people without an account, by what they are (contacts/letters.py) -----------------------------------
LETTERS = {
    "consent": "contacts.consent.letters.confirm",
    "preferences": "contacts.consent.letters.preferences",
    "submission": "forms_intake.confirming.letter",
    "event": "forms_intake.events.letters.letter",
}
ASKS_FOR_PURPOSES = ["forms_intake.consenting.uses_of"]
"""Who knows where people are asked to agree to a purpose (contacts/consent/purposes.py)."""
SPEAK_TO_VISITORS = ["forms_intake.spoken.languages_in_use"]
"""Who knows in which languages visitors are spoken to."""

# --- Who holds personal data, the highest room first (contacts/privacy/holding.py) --------------------------------
HOLDS_PERSONAL_DATA = [
    "leadcrm.api.personal.KEPT_ANSWERS",
    "leadcrm.webhooks.personal.TOLD",
    "forms_intake.events.personal.REGISTRATIONS",
    "forms_intake.tracking.personal.VISITS",
    "forms_intake.personal.DOOR",
    "scoring.personal.SCORES",
    "segments.personal.MEMBERSHIPS",
    "leads.personal.LEADS",
    "contacts.privacy.own.OWN",
]
DATA_REQUEST_DAYS = env.whole("LEADCRM_DATA_REQUEST_DAYS", 30, least=1, most=90)
"""Within how many days people are answered who ask for their data or to be erased."""
ERASURE_FOUR_EYES = env.flag("LEADCRM_ERASURE_FOUR_EYES", False)
"""Whether who entered a request may not be who erases."""

# --- The lists of records (contacts/lists/listing.py) ------------------------------------------------------------
LISTINGS = {
    "contact": "contacts.views.contacts.LISTING",
    "account": "contacts.views.accounts.LISTING",
    "lead": "leads.views.records.LISTING",
    "opportunity": "leads.opportunities.views.LISTING",
}

# --- Of which lists many records are changed at once (leads/bulk/subjects.py) --------------------------------------
BULK_SUBJECTS = {
    "lead": "leads.bulk.subjects.LEADS",
    "opportunity": "leads.bulk.subjects.OPPORTUNITIES",
    "submission": "forms_intake.inbox.many.SUBMISSIONS",
}

# --- Where notices that are about no lead lead to, by kind (leads/notice_words.py) --------------------------------
PLACES_OF_NOTICES = {"workspace": "integrations:webhooks"}

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
