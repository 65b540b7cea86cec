"""Near-duplicate detection: texts in, sketches, pairs and clusters out. Pure: no I/O, no clock."""
