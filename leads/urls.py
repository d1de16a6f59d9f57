"""Pages of leads, under /leads/. The roof adds those that need scores (scoring.urls.lead_pages) to the same names."""

from django.urls import path

from leads.actions import ACTIONS
from leads.views.actions import act

app_name = "leads"
urlpatterns = [
    *(path(f"<int:lead_id>/{name}/", act, {"name": name}, name=name) for name in ACTIONS),
]
