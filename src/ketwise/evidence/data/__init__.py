"""Where the data come from, what is asked of them, and what is remarked about them."""
