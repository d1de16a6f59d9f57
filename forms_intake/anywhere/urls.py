"""Pages of one form that say how to use it, below forms/<id>/."""

from django.urls import path

from forms_intake.anywhere import hearing, sharing

urlpatterns = [
    path("forms/<int:form_id>/share/", sharing.share, name="share"),
    path("forms/<int:form_id>/link/", sharing.link_for_one, name="link_for_one"),
    path("forms/for/<int:contact_id>/", sharing.forms_for, name="forms_for"),
    path("forms/<int:form_id>/origins/", sharing.origins, name="origins"),
    path("forms/<int:form_id>/capture/", hearing.capture_list, name="captures_of"),
    path("forms/<int:form_id>/capture/<int:capture_id>/", hearing.capture_do, name="capture_do"),
    path("forms/<int:form_id>/try/<slug:how>/", sharing.trying, name="form_try"),
]
