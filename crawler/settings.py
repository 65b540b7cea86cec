"""Settings for ``scrapy list`` and ``scrapy crawl`` from the checkout; ``depeche crawl`` uses them too."""

import os

from crawler.addon import user_agent

BOT_NAME = "depeche"
SPIDER_MODULES = ["crawler.spiders"]
ADDONS = {"crawler.addon.NewsDefaults": 0}
# Nearest to the network; it does nothing in a crawl without an archive.
DOWNLOADER_MIDDLEWARES = {"crawler.middlewares.archive.ArchiveMiddleware": 900}
ITEM_PIPELINES = {"crawler.pipelines.IngestPipeline": 300}
# Whoever crawls should say where they can be reached.
USER_AGENT = user_agent(os.environ.get("DEPECHE_CONTACT"))
