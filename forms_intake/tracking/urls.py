"""Addresses of websites for those who keep them, and of what browsers and mail programs call."""

from __future__ import annotations

from django.urls import path

from forms_intake.tracking import collecting, public, views, visit_page

urlpatterns = [
    path("t/<str:public_id>/", collecting.collect, name="collect"),
    path("t/o/<str:token>.gif", public.pixel, name="pixel"),
    path("t/c/<str:token>/", public.click, name="click"),
    path("visits/<int:visit_id>/", visit_page.visit, name="visit"),
    path("websites/", views.websites, name="websites"),
    path("websites/new/", views.website_edit, name="website_new"),
    path("websites/<int:website_id>/", views.website, name="website"),
    path("websites/<int:website_id>/edit/", views.website_edit, name="website_edit"),
    path("websites/<int:website_id>/rules/new/", views.rule_edit, name="page_rule_new"),
    path("websites/<int:website_id>/rules/<int:rule_id>/", views.rule_edit, name="page_rule"),
    path("websites/<int:website_id>/rules/<int:rule_id>/remove/", views.rule_remove, name="page_rule_remove"),
    path("websites/<int:website_id>/rules/<int:rule_id>/<slug:where>/", views.rule_move, name="page_rule_move"),
]
