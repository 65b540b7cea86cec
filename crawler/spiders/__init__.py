"""The one spider of the project; a package, because Scrapy looks for spiders in packages."""
