"""The story: leads, the five-stage process, and the language in which anything may be asked of a lead."""
