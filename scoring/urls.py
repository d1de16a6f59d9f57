"""Pages of scoring. `lead_pages` need leads and scores; the roof names them with the other pages of leads."""

from django.urls import path

from scoring.views import lead, ready

lead_pages = [
    path("ready/", ready.ready, name="ready"),
    path("ready/news/", ready.ready_news, name="ready_news"),
    path("<int:lead_id>/", lead.detail, name="detail"),
    path("<int:lead_id>/why/", lead.why, name="why"),
]
