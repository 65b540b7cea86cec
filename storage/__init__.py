"""SQLite: the nouns, the schema, the one way in, and the readers."""
