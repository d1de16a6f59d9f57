# One image for web, worker, beat and every other command; PostgreSQL and Redis stand beside it.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

RUN groupadd --system --gid 10001 leadcrm \
    && useradd --system --uid 10001 --gid leadcrm --home-dir /var/lib/leadcrm --create-home leadcrm \
    && install --directory --owner leadcrm --group leadcrm --mode 700 /var/lib/leadcrm/attachments /var/lib/leadcrm/imports

WORKDIR /app
COPY requirements-server.txt ./
RUN pip install --require-hashes -r requirements-server.txt

COPY manage.py pyproject.toml README.md ./
COPY leadcrm leadcrm
COPY contacts contacts
COPY leads leads
COPY scoring scoring
COPY segments segments
COPY forms_intake forms_intake
COPY templates templates
COPY static static
RUN python -m compileall -q leadcrm contacts leads scoring segments forms_intake \
    && python manage.py collectstatic --no-input --verbosity 0

ENV LEADCRM_DATA=/var/lib/leadcrm LEADCRM_HOST=0.0.0.0 LEADCRM_PORT=8000
USER leadcrm
VOLUME /var/lib/leadcrm
EXPOSE 8000

# Commands replace this process (exec), so that signals reach gunicorn and Celery themselves.
ENTRYPOINT ["python", "-m", "leadcrm"]
CMD ["web"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
