"""Tables, and whatever differs between SQLite and PostgreSQL."""
