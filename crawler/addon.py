"""Safe defaults of a news crawler, as a Scrapy add-on.

``ADDONS = {"crawler.addon.NewsDefaults": 0}`` is all a Scrapy project needs to get them. Settings of
the project, the spider and ``-s`` on the command line still win.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.settings import BaseSettings

from crawler.middlewares.addresses import AddressMiddleware, GuardedResolver
from crawler.middlewares.pauses import PauseMiddleware
from crawler.middlewares.robots import RobotsMiddleware
from crawler.middlewares.slots import SlotMiddleware

MIB = 1024 * 1024


def user_agent(contact: str | None = None) -> str:
    """Return an honest User-Agent, with the URL or mail address of whoever runs the crawl if they gave one."""
    try:
        number = version("depeche")
    except PackageNotFoundError:  # run from a checkout that was never installed
        number = "0"
    return f"depeche/{number} (+{contact})" if contact else f"depeche/{number} (a news crawler; no contact given)"


DEFAULTS: dict[str, Any] = {
    # Politeness: one request at a time per host with a real pause, robots.txt obeyed.
    "ROBOTSTXT_OBEY": True,
    "DOWNLOAD_DELAY": 2.0,
    "DOWNLOAD_DELAY_JITTER": 0.0,  # ±50 % would undercut the pause that was asked for
    "CONCURRENT_REQUESTS": 256,  # most of them wait for the pause of their host
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "CONCURRENT_ITEMS": 2,  # Scrapy makes this many tasks a response; with its 100 they take a fifth of the crawl's CPU
    "USER_AGENT": user_agent(),
    "COOKIES_ENABLED": False,
    "REFERRER_POLICY": "no-referrer",
    # Limits: 8 MiB after decompression, one retry, no redirect chains, no refresh loops.
    "DOWNLOAD_MAXSIZE": 8 * MIB,
    "DOWNLOAD_WARNSIZE": 0,
    "DOWNLOAD_TIMEOUT": 30,
    "DNS_TIMEOUT": 10,
    "RETRY_TIMES": 1,
    "RETRY_HTTP_CODES": [408, 500, 502, 504, 522, 524],  # 429 and 503 ask for a pause, see PauseMiddleware
    "RETRY_GIVE_UP_LOG_LEVEL": "INFO",  # the run report names every failure
    "REDIRECT_MAX_TIMES": 5,
    "METAREFRESH_ENABLED": False,
    "URLLENGTH_LIMIT": 0,  # Scrapy drops long URLs without telling the spider; crawler.urls refuses them aloud
    "MEMUSAGE_LIMIT_MB": 2048,
    "WARN_ON_GENERATOR_RETURN_VALUE": False,  # it opens source files in the middle of a crawl, for developers only
    # Safety: no other schemes, certificates verified, nothing of ours listens while pages are read.
    "DOWNLOAD_HANDLERS": {"file": None, "data": None, "ftp": None, "s3": None},
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "HTTPPROXY_ENABLED": False,  # a proxy would resolve names itself, past the address guard
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_LEVEL": "INFO",
}


class NewsDefaults:
    """The add-on."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Set what Scrapy reads before there is a crawler: the resolver of the process."""
        settings.set("TWISTED_DNS_RESOLVER", GuardedResolver, "addon")

    def update_settings(self, settings: BaseSettings) -> None:
        """Set the defaults and put our middlewares in place of Scrapy's."""
        for name, value in DEFAULTS.items():
            settings.set(name, value, "addon")
        put = settings.setdefault_in_component_priority_dict
        put("DOWNLOADER_MIDDLEWARES", AddressMiddleware, 40)
        put("DOWNLOADER_MIDDLEWARES", SlotMiddleware, 45)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RobotsTxtMiddleware, None)
        put("DOWNLOADER_MIDDLEWARES", RobotsMiddleware, 100)
        put("DOWNLOADER_MIDDLEWARES", PauseMiddleware, 560)
