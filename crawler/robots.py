"""robots.txt by RFC 9309: which rules are ours, what they say, and what the site reserves. Pure.

Protego decides paths; which group applies is decided here, in one linear pass. Protego compares whole
user-agent values instead of product tokens (``User-agent: Depeche News`` would not bind us), lets an
unknown line end a group, and takes time and memory in the product of user agents and rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

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
    "content-signal": "content-signal", "content-usage": "content-usage",
}  # fmt: skip
RULES = frozenset({"allow", "disallow", "crawl-delay"})
# Crawlers that collect texts for machine learning, as their operators name them. Whoever shuts them out
# reserves that use.
AI_CRAWLERS = {
    name.lower(): name
    for name in (
        "AI2Bot", "Amazonbot", "anthropic-ai", "Applebot-Extended", "Bytespider", "CCBot", "ClaudeBot", "cohere-ai",
        "Google-Extended", "GPTBot", "Meta-ExternalAgent", "omgili", "PerplexityBot",
    )
}  # fmt: skip
REFUSES = re.compile(r"=\s*n(?:o)?\b", re.IGNORECASE)  # of Content-Signal, and of Content-Usage
RESERVES = re.compile(r"text[ -]and[ -]data[ -]mining|\btdm\b|fouille de textes|2019/790", re.IGNORECASE)
# Line ends to Python, and so to Protego, and to nobody else: in a path they are characters like others.
NO_LINE_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
MAX_WORDS = 300  # of a reservation


@dataclass(frozen=True)
class Rules:
    """What a robots.txt tells one product token."""

    parsed: Protego
    crawl_delay: float | None  # seconds, at most MAX_CRAWL_DELAY
    lines: str  # the rules themselves; ``of_lines`` makes the same rules of them
    opt_out: str | None = None  # a reservation against text and data mining or machine learning, in its words

    def allowed(self, url: str) -> bool:
        """Tell whether the URL may be fetched."""
        try:
            return bool(self.parsed.can_fetch(url, "*"))
        except UnicodeError:  # a lone surrogate in the file or the URL
            return False


def parse(body: bytes, token: str) -> Rules:
    """Return the rules for a product token such as ``depeche``; without any, everything is allowed."""
    text = body[:MAX_SIZE].decode("utf-8-sig", "replace").replace("\0", "")
    token = token.lower()
    groups = _groups(text, frozenset((token, *AI_CRAWLERS)))
    ours = groups.get(token, groups.get("*", []))
    rules = [f"{key}: {NO_LINE_END.sub(_quoted, value)}" for key, value in ours if key in RULES]
    return of_lines("\n".join(rules[:MAX_RULES]), "; ".join(_reservations(text, ours, groups)) or None)


def of_lines(lines: str, opt_out: str | None = None) -> Rules:
    """Return the rules that these lines of one group make."""
    parsed = Protego.parse("User-agent: *\n" + lines)
    delay = parsed.crawl_delay("*")
    return Rules(parsed, None if delay is None else min(float(delay), MAX_CRAWL_DELAY), lines, opt_out)


def _quoted(found: re.Match[str]) -> str:
    return quote(found[0])


def _groups(text: str, tokens: frozenset[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the lines that bind each of the tokens, and those that bind ``*``; groups of one name are merged."""
    groups: dict[str, list[tuple[str, str]]] = {}
    named: set[str] = set()  # whom the current group is for
    in_rules = True  # the next user-agent line starts a group
    for line in re.split(r"\r\n|\r|\n", text):
        key, value = _field(line)
        if key == "user-agent":
            if in_rules:
                named, in_rules = set(), False
            found = TOKEN.match(value)
            name = found[0].lower() if found else "*" if value == "*" or value.startswith("* ") else ""
            if name == "*" or name in tokens:
                named.add(name)
                groups.setdefault(name, [])
        elif key:
            in_rules = in_rules or key in RULES
            for name in named:
                groups[name].append((key, value))
    return groups


def _field(line: str) -> tuple[str, str]:
    """Split a line into a known key and its value; ("", "") for anything else."""
    line = line.partition("#")[0].strip()
    key, colon, value = line.partition(":")
    if not colon:  # "Disallow /path" is common enough to be read
        key, _, value = line.partition(" ")
    return KEYS.get(key.strip().lower(), ""), value.strip()


def _reservations(text: str, ours: list[tuple[str, str]], groups: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    """Return what a site reserves: by signals, by shutting out collectors of texts, by a sentence in a comment."""
    for key, value in ours:
        if key not in RULES and REFUSES.search(value):
            yield f"{key.title()}: {value}"[:MAX_WORDS]
            break
    shut_out = sorted(
        name for token, name in AI_CRAWLERS.items() if any(rule == ("disallow", "/") for rule in groups.get(token, ()))
    )
    if shut_out:
        yield f"no {', '.join(shut_out)}"
    for line in text.splitlines():
        comment = line.partition("#")[2]
        if comment and RESERVES.search(comment):
            yield " ".join(comment.split())[:MAX_WORDS]
            break
