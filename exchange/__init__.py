"""Exchange: needs and offers among the members of a professional group."""
