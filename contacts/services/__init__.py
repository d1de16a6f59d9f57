"""The ground's verbs, one module a purpose. Keyword arguments, one transaction, one outcome."""
