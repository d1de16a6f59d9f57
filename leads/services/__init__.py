"""What can be done to leads, one module a purpose. Keyword arguments, one transaction, one outcome."""
