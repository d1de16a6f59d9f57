"""Leads without a contact: who they are about as entered, and finding or making the contact."""
