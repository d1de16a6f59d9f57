"""Who may do what in the admin: administrators, who may everything."""
