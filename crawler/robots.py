"""robots.txt by RFC 9309: which rules are ours, and what they say.

Protego decides paths; which group applies is decided here, in one linear pass. Protego compares whole
user-agent values instead of product tokens (``User-agent: Depeche News`` would not bind us), lets an
unknown line end a group, and takes time and memory in the product of user agents and rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from protego import Protego

MAX_SIZE = 1024 * 1024  # RFC 9309 asks for 500 KiB at least; real files reach 850 KB
MAX_RULES = 20_000  # for us; above it the file is an attack
MAX_CRAWL_DELAY = 120.0  # seconds; more would be "never" for a news outlet
TOKEN = re.compile(r"[A-Za-z_-]+")
# Spellings Google's parser accepts too.
KEYS = {
    "user-agent": "user-agent", "useragent": "user-agent", "user agent": "user-agent",
    "disallow": "disallow", "dissallow": "disallow", "dissalow": "disallow", "disalow": "disallow",
    "diasllow": "disallow", "disallaw": "disallow", "allow": "allow", "crawl-delay": "crawl-delay",
}  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """What a robots.txt tells one product token."""

    parsed: Protego
    crawl_delay: float | None  # seconds, at most MAX_CRAWL_DELAY

    def allowed(self, url: str) -> bool:
        """Tell whether the URL may be fetched."""
        try:
            return bool(self.parsed.can_fetch(url, "*"))
        except UnicodeError:  # a lone surrogate in the file or the URL
            return False


def parse(body: bytes, token: str) -> Rules:
    """Return the rules for a product token such as ``depeche``; without any, everything is allowed."""
    text = body[:MAX_SIZE].decode("utf-8-sig", "replace").replace("\0", "")
    lines = _group(text, token.lower())
    parsed = Protego.parse("\n".join(["User-agent: *", *lines[:MAX_RULES]]))
    delay = parsed.crawl_delay("*")
    return Rules(parsed, None if delay is None else min(float(delay), MAX_CRAWL_DELAY))


def _group(text: str, token: str) -> list[str]:
    """Return the rule lines of all groups that name the token, else of all that name ``*``."""
    ours: list[str] = []
    everyones: list[str] = []
    named = starred = anyone_named = False
    in_rules = True  # the next user-agent line starts a group
    for line in re.split(r"\r\n|\r|\n", text):
        key, value = _field(line)
        if key == "user-agent":
            if in_rules:
                named = starred = in_rules = False
            found = TOKEN.match(value)
            named = named or (found is not None and found[0].lower() == token)
            starred = starred or value == "*" or value.startswith("* ")
            anyone_named = anyone_named or named
        elif key:
            in_rules = True
            if named:
                ours.append(f"{key}: {value}")
            if starred:
                everyones.append(f"{key}: {value}")
    return ours if anyone_named else everyones


def _field(line: str) -> tuple[str, str]:
    """Split a line into a known key and its value; ("", "") for anything else."""
    line = line.partition("#")[0].strip()
    key, colon, value = line.partition(":")
    if not colon:  # "Disallow /path" is common enough to be read
        key, _, value = line.partition(" ")
    return KEYS.get(key.strip().lower(), ""), value.strip()
