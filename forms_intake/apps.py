from django.apps import AppConfig


class FormsIntakeConfig(AppConfig):
    name = "forms_intake"
    verbose_name = "Forms and pages"
    default_auto_field = "django.db.models.BigAutoField"
