"""Pages of requests about data, under /privacy/."""

from django.urls import path

from contacts.privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.request_list, name="requests"),
    path("new/", views.new_request, name="new"),
    path("come-back/", views.come_back, name="come_back"),
    path("<int:request_id>/", views.one_request, name="request"),
    path("<int:request_id>/copy.json", views.copy, {"form": "json"}, name="copy_json"),
    path("<int:request_id>/copy.html", views.copy, {"form": "html"}, name="copy_html"),
    path("<int:request_id>/answer/", views.answer, name="answer"),
    path("<int:request_id>/erase/", views.erase, name="erase"),
]
