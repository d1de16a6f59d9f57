"""Posts that look automatic: found by small checks, marked with the reasons, kept, and never refused for it."""
