"""Matching strategies on pages: what they compare, who uses them, and a bench on which one record is tried.

Strategies themselves live with what they match (contacts, leads); forms use them, so their pages stand here.
"""
