"""Building forms: what a form says as data, checks before it goes live, writing drafts, versions and starters."""
