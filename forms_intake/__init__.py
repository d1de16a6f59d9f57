"""The door: forms, landing pages, submissions, matching, imports."""
