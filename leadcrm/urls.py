"""One include per app; the roof only assembles."""

from django.contrib import admin
from django.urls import include, path

import leadcrm.api.assembly
import leads.urls
import scoring.urls
from contacts.middleware import own_affair
from leadcrm import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", own_affair(views.SignOut.as_view()), name="sign_out"),
    path("search/", views.search, name="search"),
    path("api/v1/", include((leadcrm.api.assembly.patterns(), "api_v1"))),
    # Pages of leads that show scores live above leads, in scoring, and are named with the others.
    path("leads/", include(([*scoring.urls.lead_pages, *leads.urls.urlpatterns], "leads"))),
    path("scoring/", include("scoring.urls")),
    path("opportunities/", include("leads.opportunities.urls")),
    path("contacts/", include("contacts.contact_urls")),
    path("accounts/", include("contacts.account_urls")),
    path("views/", include("contacts.view_urls")),
    path("consent/", include("contacts.consent.urls")),
    path("privacy/", include("contacts.privacy.urls")),
    path("preferences/", include("contacts.consent.public_urls")),
    path("segments/", include("segments.urls")),
    path("integrations/", include("leadcrm.api.urls")),
    # Before the admin's own, which would let anybody try as often as they like.
    path("admin/login/", views.admin_sign_in),
    path("admin/", admin.site.urls),
    path("", include("forms_intake.urls")),
]
