"""Files of leads into the database. Start reading at run.py; the mapping's JSON is explained in docs/importing.md."""

from forms_intake.imports.errors import ImportBlocked, InvalidMapping, UnreadableFile
from forms_intake.imports.run import import_leads

__all__ = ["ImportBlocked", "InvalidMapping", "UnreadableFile", "import_leads"]
