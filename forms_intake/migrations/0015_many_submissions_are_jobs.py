"""What was done to many submissions at once is a job as for other lists (leads/bulk); nothing is kept twice."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("forms_intake", "0014_files_of_mails")]

    operations = [migrations.DeleteModel(name="SubmissionRun")]
