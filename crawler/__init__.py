"""From outlets to articles: fetch politely, read feeds and pages, hand over to storage."""
