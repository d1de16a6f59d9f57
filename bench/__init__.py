"""Benchmarks: what we do against what the same server can do at all, measured in turn. See README.md."""
