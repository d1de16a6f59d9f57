"""Reports about leads: what is asked, the sets of leads that figures count, computing and keeping them."""
