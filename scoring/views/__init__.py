"""Pages that need leads and their scores: the sales-ready dashboard and the page of one lead."""
