"""What is shown: word diffs of two texts."""
