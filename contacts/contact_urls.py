"""Pages of contacts, under /contacts/."""

from django.urls import path

from contacts.consent import guardian, proof
from contacts.likeness import views as likeness
from contacts.merging import views as merging
from contacts.views import contacts as views
from contacts.views.cells import cell_page

app_name = "contacts"
urlpatterns = [
    path("", views.contact_list, name="list"),
    *views.EDITOR.pages(),
    cell_page(views.EDITOR),
    path("options/", views.options, name="options"),
    path("<int:contact_id>/", views.detail, name="detail"),
    path("<int:contact_id>/history/", views.history, name="history"),
    path("<int:contact_id>/log/", views.log, name="log"),
    path("<int:contact_id>/merge/", merging.merge, name="merge"),
    path("duplicates/", likeness.duplicates, name="duplicates"),
    path("duplicates/<int:pair_id>/not-the-same/", likeness.dismiss, name="not_the_same"),
    path("duplicates/<int:pair_id>/ask-again/", likeness.ask_again, name="ask_again"),
    path("merges/<int:merge_id>/undo/", merging.undo, name="undo_merge"),
    path("<int:contact_id>/consent/", proof.proof, name="consent"),
    path("<int:contact_id>/consent.csv", proof.proof_file, name="consent_file"),
    path("<int:contact_id>/consent/guardian/", guardian.save_guardian, name="guardian"),
    path("<int:contact_id>/consent/link/", proof.send_link, name="consent_link"),
]
