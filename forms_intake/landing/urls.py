"""Addresses of landing pages: public ones at /p/, the builder at /pages/."""

from django.urls import path

from forms_intake.landing.views import (
    blocks,
    builder,
    frame,
    going_live,
    new,
    pages,
    public,
    resting,
    settings,
    variants,
    versions,
)

urlpatterns = [
    path("p/<slug:slug>/", public.landing_page, name="page"),
    path("p/images/<str:name>", public.image, name="page_image"),
    path("pages/", pages.page_list, name="pages"),
    path("pages/new/", new.new, name="page_new"),
    path("pages/<int:page_id>/", builder.builder, name="page_builder"),
    path("pages/<int:page_id>/settings/", settings.settings, name="page_settings"),
    path("pages/<int:page_id>/theme/", builder.theme, name="page_theme"),
    path("pages/<int:page_id>/frame/", frame.frame, name="page_frame"),
    path("pages/<int:page_id>/typed/", frame.typed, name="page_typed"),
    path("pages/<int:page_id>/live/", going_live.live, name="page_live"),
    path("pages/<int:page_id>/stop/", resting.stopping, name="page_stop"),
    path("pages/<int:page_id>/archive/", resting.archiving, name="page_archive"),
    path("pages/<int:page_id>/bring-back/", resting.restoring_page, name="page_bring_back"),
    path("pages/<int:page_id>/delete/", resting.deleting, name="page_delete"),
    path("pages/<int:page_id>/undelete/", resting.undeleting, name="page_undelete"),
    path("pages/<int:page_id>/duplicate/", new.duplicating, name="page_duplicate"),
    path("pages/<int:page_id>/results/", variants.results, name="page_results"),
    path("pages/<int:page_id>/results/end/", variants.ending, name="page_end_test"),
    path("pages/<int:page_id>/variants/add/", variants.add, name="page_variant_add"),
    path("pages/<int:page_id>/variants/edit/", variants.edit, name="page_variant"),
    path("pages/<int:page_id>/variants/remove/", variants.remove, name="page_variant_remove"),
    path("pages/<int:page_id>/versions/", versions.versions, name="page_versions"),
    path("pages/<int:page_id>/versions/<int:number>/restore/", versions.restoring, name="page_version_restore"),
    path("pages/<int:page_id>/blocks/new/", blocks.new, name="block_new"),
    path("pages/<int:page_id>/blocks/<slug:block_id>/", blocks.edit, name="block"),
    path("pages/<int:page_id>/blocks/<slug:block_id>/move/", blocks.move, name="block_move"),
    path("pages/<int:page_id>/blocks/<slug:block_id>/copy/", blocks.copy, name="block_copy"),
    path("pages/<int:page_id>/blocks/<slug:block_id>/remove/", blocks.remove, name="block_remove"),
]
