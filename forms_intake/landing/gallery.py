"""The images that pages choose from: which page uses one, and deleting those that none does."""

from __future__ import annotations

from django.db import connection, transaction

from contacts.errors import RecordGone
from forms_intake.errors import ImageInUse
from forms_intake.landing.definition import IMAGES
from forms_intake.models import PageImage

IN_BLOCKS = f"$.variants[*].blocks[*] ? ({' || '.join(f'@.{name} == $image' for name in IMAGES)})"
IN_SETTINGS = "$.settings.social_image ? (@ == $image)"
USES = """
WITH said AS (
    SELECT id AS page_id, draft AS definition FROM forms_intake_landingpage
    UNION ALL SELECT page_id, definition FROM forms_intake_pageversion
), using_it AS (
    SELECT DISTINCT page_id FROM said
    WHERE jsonb_path_exists(definition, %(blocks)s, jsonb_build_object('image', %(image)s))
        OR jsonb_path_exists(definition, %(settings)s, jsonb_build_object('image', %(image)s))
)
SELECT page.title || CASE WHEN page.deleted_at IS NOT NULL THEN ' (deleted)'
    WHEN page.archived_at IS NOT NULL THEN ' (archived)' ELSE '' END
FROM forms_intake_landingpage AS page JOIN using_it ON using_it.page_id = page.id
ORDER BY page.title, page.id
"""


def pages_using(image_id: int) -> list[str]:
    """The titles of the pages whose draft or any version shows an image, in any variant or when shared; also of pages
    that are archived, or deleted and could be restored.
    """
    with connection.cursor() as cursor:
        cursor.execute(USES, {"image": image_id, "blocks": IN_BLOCKS, "settings": IN_SETTINGS})
        return [title for (title,) in cursor.fetchall()]


@transaction.atomic
def delete_image(*, image_id: int) -> PageImage:
    """Delete an image for good. Raises ImageInUse, naming the pages; RecordGone.

    Who saves it into a draft in this very moment is told so by the checks before the page goes live.
    """
    rows = PageImage.objects.select_for_update().defer("large", "small", "social")
    image = rows.filter(pk=image_id).first()
    if image is None:
        raise RecordGone("image", image_id)
    if pages := pages_using(image_id):
        raise ImageInUse(image.name, pages)
    PageImage.objects.filter(pk=image_id).delete()
    return image
