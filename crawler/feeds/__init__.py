"""Feeds and sitemaps to entries: bytes in, links and what is said about them out.

One small lxml reader for RSS 0.9x, 1.0, 2.0, Atom and JSON Feed and one for sitemaps. They keep what
Scrapy's readers lose (all of Atom, the dates and titles of news sitemaps), expand no entities, open
no other file or address, and read damaged feeds as far as they are whole.
"""

from crawler.feeds.records import Feed, FeedError, Sitemap
from crawler.feeds.sitemap import parse_sitemap
from crawler.feeds.syndication import parse_feed

__all__ = ["Feed", "FeedError", "Sitemap", "parse_feed", "parse_sitemap"]
