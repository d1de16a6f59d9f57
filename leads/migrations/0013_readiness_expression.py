from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0012_accepted_leads")]
    operations = [
        migrations.AddField(
            model_name="process",
            name="readiness_expression",
            field=models.JSONField(
                blank=True, default=dict, help_text="Written and evaluated by scoring; used with that policy only."
            ),
        ),
        migrations.AlterField(
            model_name="process",
            name="readiness_policy",
            field=models.CharField(
                choices=[
                    ("any", "One model is enough"),
                    ("all", "All models must agree"),
                    ("expression", "As an expression over models says"),
                ],
                default="any",
                max_length=10,
            ),
        ),
    ]
