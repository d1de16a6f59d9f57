"""Files that people attach to leads: taken with care, kept under names of ours, given only to who may see the lead."""
