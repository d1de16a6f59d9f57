"""Addresses of the door. Public ones are short and stay for ever: they stand in other people's pages."""

from django.urls import path

from forms_intake.views import confirming, forms, imports, public, submissions

app_name = "forms_intake"
urlpatterns = [
    path("f/<str:public_id>/", public.receive, name="receive"),
    path("f/<str:public_id>/thanks/", public.thanks, name="thanks"),
    path("f/<str:public_id>/mailbox/", confirming.mailbox, name="mailbox"),
    path("f/confirm/<str:token>/", confirming.confirm, name="confirm"),
    path("p/<slug:slug>/", public.landing_page, name="page"),
    path("forms/", forms.form_list, name="forms"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/<int:run_id>/", imports.import_detail, name="import"),
    path("imports/<int:run_id>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<int:run_id>/errors/", imports.import_errors, name="import_errors"),
    path("imports/<int:run_id>/mapping/", imports.import_mapping, name="import_mapping"),
    path("imports/<int:run_id>/<slug:what>/", imports.import_do, name="import_do"),
    path("imports/mappings/<int:mapping_id>/forget/", imports.mapping_delete, name="mapping_delete"),
    path("submissions/", submissions.submission_list, name="submissions"),
    path("submissions/retry/", submissions.retry_failed, name="retry_failed"),
    path("submissions/<int:pk>/", submissions.submission_detail, name="submission"),
    path("submissions/<int:pk>/retry/", submissions.retry_one, name="retry"),
]
