"""Addresses of the door. Public ones are short and stay for ever: they stand in other people's pages."""

from django.urls import include, path

from forms_intake.anywhere import public_urls as anywhere
from forms_intake.anywhere import urls as anywhere_pages
from forms_intake.landing.urls import urlpatterns as landing_urls
from forms_intake.matching import views as matching
from forms_intake.spam import urls as spam
from forms_intake.views import builder, confirming, fields, forms, imports, public

app_name = "forms_intake"
urlpatterns = [
    *anywhere.urlpatterns,
    path("", include("forms_intake.ads.urls")),
    path("", include("forms_intake.mailbox.urls")),
    *landing_urls,
    path("f/<str:public_id>/", public.receive, name="receive"),
    path("f/<str:public_id>/thanks/", public.thanks, name="thanks"),
    path("f/<str:public_id>/mailbox/", confirming.mailbox, name="mailbox"),
    path("f/confirm/<str:token>/", confirming.confirm, name="confirm"),
    path("", include("forms_intake.capture.urls")),
    path("", include("forms_intake.events.urls")),
    path("forms/", forms.form_list, name="forms"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/<int:run_id>/", imports.import_detail, name="import"),
    path("imports/<int:run_id>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<int:run_id>/errors/", imports.import_errors, name="import_errors"),
    path("imports/<int:run_id>/mapping/", imports.import_mapping, name="import_mapping"),
    path("imports/<int:run_id>/<slug:what>/", imports.import_do, name="import_do"),
    path("imports/mappings/<int:mapping_id>/forget/", imports.mapping_delete, name="mapping_delete"),
    path("forms/new/", builder.new, name="form_new"),
    path("forms/<int:form_id>/", builder.builder, name="builder"),
    path("forms/<int:form_id>/settings/", builder.settings, name="form_settings"),
    path("forms/<int:form_id>/preview/", builder.preview, name="form_preview"),
    path("forms/<int:form_id>/live/", builder.live, name="form_live"),
    path("forms/<int:form_id>/close/", builder.closing, name="form_close"),
    *anywhere_pages.urlpatterns,
    *spam.urlpatterns,
    path("forms/<int:form_id>/versions/", builder.versions, name="versions"),
    path("forms/<int:form_id>/versions/<int:number>/restore/", builder.restoring, name="version_restore"),
    path("forms/<int:form_id>/fields/new/", fields.new, name="field_new"),
    path("forms/<int:form_id>/fields/ready-made/", fields.ready_made, name="field_ready_made"),
    path("forms/<int:form_id>/fields/<int:field_id>/", fields.edit, name="field"),
    path("forms/<int:form_id>/fields/<int:field_id>/move/", fields.move, name="field_move"),
    path("forms/<int:form_id>/fields/<int:field_id>/copy/", fields.copy, name="field_copy"),
    path("forms/<int:form_id>/fields/<int:field_id>/remove/", fields.remove, name="field_remove"),
    path("matching/", matching.strategies, name="strategies"),
    path("matching/bench/", matching.bench, name="bench"),
    path("matching/mail-domains/", matching.mail_domains, name="mail_domains"),
    path("matching/<str:kind>/new/", matching.edit, name="new_strategy"),
    path("matching/<str:kind>/<int:strategy_id>/", matching.edit, name="strategy"),
    path("matching/<str:kind>/<int:strategy_id>/copy/", matching.copy, name="copy_strategy"),
    path("matching/<str:kind>/<int:strategy_id>/<str:what>/", matching.act, name="strategy_act"),
    path("", include("forms_intake.tracking.urls")),
    path("submissions/", include("forms_intake.inbox.urls")),
]
