"""Qualifying a lead: what it becomes, and taking that back."""
