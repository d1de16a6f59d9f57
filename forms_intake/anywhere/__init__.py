"""Forms on pages of others: which sites may, the script that draws them there, and frames."""
