"""One include per app; the roof only assembles."""

from django.contrib import admin
from django.urls import include, path

from leadcrm import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("search/", views.search, name="search"),
    path("admin/", admin.site.urls),
    path("", include("forms_intake.urls")),
]
