"""Arithmetic: models of rules, the engine that turns facts into scores, and the explanation of each score."""
