"""What changes segments and their members."""
