"""Pages about leads alone. Those that show scores too are in scoring/views."""
