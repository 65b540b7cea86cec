"""Near-duplicate detection: texts in, sketches, pairs and clusters out. Pure: no clock, no I/O but its own table."""
