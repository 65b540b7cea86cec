"""A spider as people write it: feeds, then articles; bare, or with trafilatura into SQLite. Runs in the peers' Python.

usage: PEER_PYTHON _crawl_contender.py bare|trafilatura DATABASE < ADDRESSES_AS_JSON    prints the number of articles
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess

KIND, DATABASE = sys.argv[1:3]
HOMES = json.load(sys.stdin)
SETTINGS = {
    "LOG_LEVEL": "ERROR",
    "ROBOTSTXT_OBEY": True,
    "TELNETCONSOLE_ENABLED": False,
    "COOKIES_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": 64,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 64,  # all outlets are one host to Scrapy
}


class Spider(scrapy.Spider):
    """Every article that the feeds list."""

    name = "contender"
    count = 0

    async def start(self) -> Any:
        """Ask for the feeds."""
        if KIND == "trafilatura":
            self.db = sqlite3.connect(DATABASE)
            self.db.execute("CREATE TABLE articles (url TEXT PRIMARY KEY, title, author, date, text)")
        for home in HOMES:
            yield scrapy.Request(f"{home}/feed.xml")

    def parse(self, response: Any) -> Iterator[Any]:
        """Follow the links of a feed."""
        for link in response.xpath("//item/link/text()").getall():
            yield scrapy.Request(link, callback=self.article)

    def article(self, response: Any) -> Iterator[dict[str, Any]]:
        """Read one article."""
        if KIND == "bare":
            self.count += 1
            yield {"url": response.url, "size": len(response.body)}
            return
        import trafilatura  # noqa: PLC0415

        found = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
        if found is not None:
            self.count += 1
            self.db.execute(
                "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?)",
                (response.url, found.title, found.author, found.date, found.text),
            )
            self.db.commit()
            yield {"url": response.url}

    def closed(self, reason: str) -> None:  # noqa: ARG002
        """Print what was read."""
        print(self.count)


process = CrawlerProcess(SETTINGS)
process.crawl(Spider)
process.start()
