"""Which URLs are the same page, which belong to one site, and which look like an article.

``canonical`` is what is fetched, stored and kept in the frontier: it only takes away what no server
needs, so it can always be requested. ``identity`` goes further (host, scheme, AMP, print view) and is
for comparing only, because nobody promises that the URL it returns exists.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote_plus, urljoin, urlsplit, urlunsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_LENGTH = 2000  # no outlet needs more; longer ones are traps and make every later step slow

# Measuring, sharing and campaign parameters. Whole names first, then prefixes that are always such.
TRACKING_WORDS = """
fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh li_fat_id mkt_tok
epik xtor xtref xtcr xtmc xtnp xtloc estat_svc s_kwcid sc_campaign cmpid cmp icid ito ocid smid
smtyp ncid ref_src ref_url referer referrer referrer_id replytocom sharetoken sr_share spm wtmc
wt_mc wt_zmc __twitter_impression __source echobox soc_src soc_trk guccounter guce_referrer
guce_referrer_sig emailid email_id newsletter_id nl nlid trk trkid tracking_id campaign_id
campaignid adid _ga _gl
"""
TRACKING = frozenset(TRACKING_WORDS.split())
TRACKING_PREFIXES = (
    "utm_", "at_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "ns_", "_hs", "oly_", "vero_", "mc_", "wt.",
    "ga_",
)  # fmt: skip
# These mark where a reader came from, unless the value is a number: then they may name the article.
TRACKING_UNLESS_NUMBER = frozenset(
    ("ref", "source", "src", "from", "via", "share", "shared", "rss", "feed", "partner", "origin")
)
# A parameter of any name that says through which channel the reader came.
CHANNEL = re.compile(
    r"(?:rss|feed|atom|newsletter|push|twitter|facebook|fb|whatsapp|linkedin|social|mail|email|googlenews)(?:[_-].*)?",
    re.IGNORECASE,
)
SESSION = re.compile(r"(?:php|asp|j)?sess(?:ion)?_?(?:id)?\w*|cfid|cftoken|oscsid|zenid", re.IGNORECASE)
SESSION_SHORT = frozenset(("s", "sid"))  # a session only when the value is a long hash
LONG_HASH = re.compile(r"[0-9a-f]{24,}", re.IGNORECASE)
SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)

AMP_CACHE = re.compile(r"[\w-]+\.(?:cdn\.ampproject\.org|ampproject\.net)", re.IGNORECASE)
AMP_CACHE_PATH = re.compile(r"/(?:[a-z]/)?(?P<tls>s/)?(?P<rest>[\w-]+(?:\.[\w-]+)+/.*)", re.IGNORECASE)
AMP_VIEWER_PATH = re.compile(r"/amp/(?P<tls>s/)?(?P<rest>[\w-]+(?:\.[\w-]+)+/.*)", re.IGNORECASE)

# Addresses that only lead on: host and path -> the parameter with the address meant.
FORWARDERS = (
    (re.compile(r"(?:www\.|news\.)?google\.[a-z.]{2,6}/(?:news/)?url", re.IGNORECASE), ("url", "q")),
    (re.compile(r"lm?\.facebook\.com/l\.php", re.IGNORECASE), ("u",)),
    (re.compile(r"(?:www\.)?bing\.com/(?:news/apiclick\.aspx|ck/a)", re.IGNORECASE), ("url",)),
    (re.compile(r"l\.instagram\.com/", re.IGNORECASE), ("u",)),
    (re.compile(r"(?:www\.)?youtube\.com/redirect", re.IGNORECASE), ("q",)),
)
# Until 2024 such an address of Google News had the publisher's in it; since then it can only be asked for.
GOOGLE_NEWS = re.compile(r"news\.google\.com/(?:rss/)?articles/(?P<packed>[\w-]{20,600})=*", re.IGNORECASE)
PACKED_URL = re.compile(rb"https?://[\x21-\x7e]+")

SAME_HOST_LABELS = re.compile(r"(?:www\d?|m|mobile|mobil|amp)\.(?=[^.]+\.)", re.IGNORECASE)
AMP_PATH = re.compile(r"^/amp(?=/.)|/(?:platform/)?amp/?$|[./]amp(?=\.html?$)|\.amp$", re.IGNORECASE)
PRINT_PATH = re.compile(r"^/(?:print|imprimer)(?=/.)|/(?:print|imprimer|printview)/?$", re.IGNORECASE)
INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
OTHER_DRESS = re.compile(r"[/.](?:platform/)?(?:amp|print|imprimer|index|default)", re.IGNORECASE)
# name -> values that show the same article in another dress; None: any value
VIEW_PARAMETERS: dict[str, frozenset[str] | None] = {
    "amp": None,
    "_amp": None,
    "amp_js_v": None,
    "usqp": None,
    "print": None,
    "imprimer": None,
    "printable": None,
    "singlepage": None,
    "mobile": None,
    "outputtype": frozenset(("amp",)),
    "output": frozenset(("amp", "print", "1")),
    "view": frozenset(("print", "amp")),
    "format": frozenset(("print", "amp")),
    "page": frozenset(("1", "all")),
}

# The number by which a content system knows an article, at the end or the beginning of the last part of the path:
# the words beside it change with the headline. A round number may be one of the headline's.
HAS_NUMBER = re.compile(r"\d{6}")
SLUG_AND_NUMBER = re.compile(r"(?P<words>[^/]*[^\W\d][^/]*?)[-_,](?!\d{1,12}000\b)(?P<id>\d{6,12})(?:\.html?)?")
NUMBER_AND_SLUG = re.compile(r"(?!\d{1,12}000\b)(?P<id>\d{6,12})[-_,](?P<words>[^/]*[^\W\d][^/]*)")
# The same numbers as a day of the year: 20250209, 09022025, 250209, 090225.
A_DAY = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)?\d\d"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)?\d\d|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
)

# Nothing to do: lower-case host, no port, no query, a path of unreserved characters without dot segments. AMP caches
# and viewers are left to the long way, which takes five times as long.
PLAIN = re.compile(
    r"https?://(?![^/]*(?:ampproject|google)\.)(?:[a-z0-9-]+\.)+[a-z0-9-]*[a-z0-9]"
    r"(?:/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?)"
)
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")


def canonical(url: str) -> str:
    """Return the URL to fetch and store, without tracking, session, fragment and default port.

    AMP caches and forwarding addresses are unwrapped to the publisher's URL. Host, scheme and path otherwise stay
    as given.

    Raises ValueError when this is not a usable http or https URL.
    """
    url = url.strip(" \t\r\n\f\0")
    if len(url) > MAX_LENGTH:
        raise ValueError(f"URL longer than {MAX_LENGTH} characters")
    if PLAIN.fullmatch(url):
        return url
    parts = urlsplit(url)
    scheme, host, port = parts.scheme.lower(), _host(parts.hostname), parts.port
    if scheme not in ("http", "https") or not host:
        raise ValueError(f"not an http or https URL: {url[:80]!r}")
    if parts.username is not None:
        raise ValueError(f"URL carries a user name: {url[:80]!r}")
    path = parts.path or "/"
    wrapped = (AMP_CACHE.fullmatch(host) and AMP_CACHE_PATH.fullmatch(path)) or (
        re.fullmatch(r"(?:www\.)?google\.[a-z.]{2,6}", host) and AMP_VIEWER_PATH.fullmatch(path)
    )
    if inner := _forwarded(f"{host}{path}", parts.query):
        return canonical(inner)
    if wrapped:
        tls = "https" if wrapped["tls"] else "http"
        return canonical(f"{tls}://{wrapped['rest']}" + (f"?{parts.query}" if parts.query else ""))
    if port == {"http": 80, "https": 443}[scheme]:
        port = None
    # In one spelling first: %2E%2E is a dot segment, too.
    path = _encode(SESSION_IN_PATH.sub("", path), "!$&'()*+,;=:@/").lstrip("/")
    path = urljoin("http://h/", f"/{path}")[len("http://h") :]
    query = "&".join(_encode(p, "!$'()*+,;:@/?=") for p in parts.query.split("&") if p and not _is_tracking(p))
    netloc = f"[{host}]" if ":" in host else host
    netloc = netloc if port is None else f"{netloc}:{port}"
    clean = urlunsplit((scheme, netloc, path, query, ""))
    if len(clean) > MAX_LENGTH:
        raise ValueError(f"URL longer than {MAX_LENGTH} characters")
    return clean


def _forwarded(place: str, query: str) -> str | None:
    """Return the address that a forwarding one leads to, when it says so itself."""
    if (packed := GOOGLE_NEWS.fullmatch(place)) and (found := PACKED_URL.search(_unpacked(packed["packed"]))):
        return found[0].decode("ascii")
    for form, names in FORWARDERS:
        if form.fullmatch(place):
            values = dict(parse_qsl(query))
            inner = next((values[name] for name in names if name in values), "")
            # One step only: an address that leads to a forwarder is left as it is.
            if inner.startswith(("http://", "https://")) and not any(
                other.match(inner.partition("://")[2]) for other, _ in FORWARDERS
            ):
                return inner
    return None


def _unpacked(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


def identity(url: str) -> str:
    """Return a key that all addresses of one article share; for comparing, not for fetching.

    On top of ``canonical``: https, no www, mobile or AMP host, no AMP, print or index path, no trailing
    slash, parameters in order. Numeric and single-label hosts (intranets, tests) keep scheme and port.

    Raises ValueError like ``canonical``.
    """
    return _identity(canonical(url))


def _identity(canonical_url: str) -> str:
    # Nothing is left in it that urlsplit looks for, which takes half of the time of all the rest.
    scheme, _, place = canonical_url.partition("://")
    place, _, given = place.partition("?")
    netloc, slash, path = place.partition("/")
    if not is_local_name(netloc if ":" not in netloc else urlsplit(canonical_url).hostname or ""):
        scheme = "https"
        while label := SAME_HOST_LABELS.match(netloc):
            netloc = netloc[label.end() :]
    path = slash + path
    if "//" in path:
        path = re.sub(r"/{2,}", "/", path)
    if OTHER_DRESS.search(path):  # most have none of them, and this is three times as fast
        for pattern in (AMP_PATH, PRINT_PATH, INDEX):
            path = pattern.sub("", path) or "/"
    query = ""
    if given:
        kept = sorted((n, v) for n, v in parse_qsl(given, keep_blank_values=True) if not _is_view(n, v))
        query = "".join(f"&{quote(n)}={quote(v)}" for n, v in kept)
    return f"{scheme}://{netloc}{path.rstrip('/') or '/'}{query.replace('&', '?', 1)}"


def article_key(url: str) -> str:
    """Return ``identity`` with * for the words beside the number of an article, which change with its headline.

    For what is fetched only: whoever hands in two addresses has two articles. Raises ValueError like ``canonical``.
    """
    return _article_key(identity(url))


def addresses(url: str) -> tuple[str, str, str]:
    """Return ``canonical``, ``identity`` and ``article_key`` of a URL; raises ValueError like ``canonical``."""
    plain = canonical(url)
    key = _identity(plain)
    return plain, key, _article_key(key)


def _article_key(identity: str) -> str:
    start, _, last = identity.partition("?")[0].rpartition("/")
    if not HAS_NUMBER.search(last):
        return identity
    for form in (SLUG_AND_NUMBER, NUMBER_AND_SLUG):
        if (found := form.fullmatch(last)) and not A_DAY.fullmatch(found["id"]):
            begin, end = (len(start) + 1 + place for place in found.span("words"))
            return f"{identity[:begin]}*{identity[end:]}"
    return identity


def same_site(a: str, b: str) -> bool:
    """Tell whether two URLs are of one site: the same registrable domain, or host and port without one."""
    try:
        one, two = urlsplit(a), urlsplit(b)
        ports = (one.port, two.port)
    except ValueError:
        return False
    host, other = (one.hostname or "").lower(), (two.hostname or "").lower()
    if not host or not other:
        return False
    if is_local_name(host) or is_local_name(other):
        return host == other and ports[0] == ports[1]
    # www is nobody else's, and a registrable domain has two labels at least: most pages are done without the
    # list behind _registrable, which takes 20 MB.
    if host.removeprefix("www.") == other.removeprefix("www."):
        return True
    return host.split(".")[-2:] == other.split(".")[-2:] and _registrable(host) == _registrable(other)


def site(url: str) -> str:
    """Return the registrable domain of a URL, or host and port without one. Raises ValueError for an impossible URL."""
    parts = urlsplit(url)
    host = _host(parts.hostname)
    return f"{host}:{parts.port}" if is_local_name(host) else _registrable(host)


def is_local_name(host: str) -> bool:
    """Tell whether a host is an address or a bare name, which have no registrable domain."""
    host = host.strip("[]")
    if "." not in host:
        return True
    if host[-1:].isalpha():  # an address ends in a figure, the last label of a name does not
        return ":" in host
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


# First path segments and pages that list, serve or sell; measured as rarely the start of an article's path.
NOT_ARTICLES_WORDS = """
tag tags tags-actu topic topics theme themes sujet sujets dossier dossiers category categories
categorie rubrique rubriques section sections archive archives auteur auteurs author authors
journaliste journalistes search recherche login connexion inscription register signup account compte
mon-compte subscribe abonnement abonnements abonnez-vous newsletter newsletters contact about
a-propos apropos mentions-legales legal privacy confidentialite vie-privee cookies cgu cgv
conditions terms faq aide help sitemap plan-du-site rss feed feeds podcast podcasts radio tv
direct-tv live-tv programme programmes meteo-villes horoscope jeux games quiz shop boutique store
annonces immobilier emploi jobs services publicite advertise wp-admin wp-login.php
"""
NOT_ARTICLES = frozenset(NOT_ARTICLES_WORDS.split())
MEDIA = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|json|xml|rss|pdf|mp[34]|m3u8|zip|gz|docx?)$", re.IGNORECASE
)
DATE_IN_PATH = re.compile(r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2])(?:[/-]?(?:0?[1-9]|[12]\d|3[01]))?(?=[/_-])")
ID_IN_SLUG = re.compile(r"(?:^|[-_.a-z])\d{5,}(?=$|[-_.])|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9A-Z]{26}")
PAGINATION = re.compile(r"/page/\d+/?$")


def is_article_link(url: str, home: str) -> bool:
    """Tell whether a link on a front or section page looks like an article of that site.

    By what outlets put into such paths: a slug of four words or more, a date, or a long number beside a slug.
    """
    if not same_site(url, home):
        return False
    path = unquote_plus(urlsplit(url).path)
    segments = [s for s in path.split("/") if s]
    if not segments or MEDIA.search(path) or PAGINATION.search(path):
        return False
    if any(s.lower() in NOT_ARTICLES for s in segments[:2]) or segments[-1].lower() in NOT_ARTICLES:
        return False
    slug = re.sub(r"\.\w{2,5}$", "", segments[-1])
    words = [w for w in re.split(r"[-_]", max(slug, segments[-2] if len(segments) > 1 else "", key=len)) if w]
    if len([w for w in words if w.isalpha()]) >= 4:
        return True
    return bool((DATE_IN_PATH.search(path) and len(words) >= 2) or ID_IN_SLUG.search(slug))


def _host(host: str | None) -> str:
    """Lower-case ASCII form of a host; ValueError when it has none."""
    host = (host or "").rstrip(".").lower()
    if not host.isascii():
        host = host.encode("idna").decode("ascii").lower()
    if re.search(r"[^\w.:-]", host):
        raise ValueError(f"not a host name: {host[:80]!r}")
    return host


def _encode(text: str, safe: str) -> str:
    """Percent-encode what must be, in one spelling: upper-case hex, unreserved characters plain."""

    def fix(found: re.Match[str]) -> str:
        if not found[1]:
            return "%25"
        char = chr(int(found[1], 16))
        return char if char in UNRESERVED else f"%{found[1].upper()}"

    return quote(PERCENT.sub(fix, text), safe=safe + "%~")


def _is_tracking(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = unquote_plus(name).lower().removeprefix("amp;")  # "&amp;" left over from HTML
    if name in TRACKING or name.startswith(TRACKING_PREFIXES) or SESSION.fullmatch(name):
        return True
    if name in SESSION_SHORT:
        return bool(LONG_HASH.fullmatch(value))
    return (name in TRACKING_UNLESS_NUMBER and not value.isdigit()) or CHANNEL.fullmatch(value) is not None


def _is_view(name: str, value: str) -> bool:
    name = name.lower()
    if name not in VIEW_PARAMETERS:
        return False
    values = VIEW_PARAMETERS[name]
    return values is None or value.lower() in values


@cache
def _registrable(host: str) -> str:
    """Return the registered domain, by the Public Suffix List inside tldextract (nothing is fetched)."""
    return _suffix_list()(host).top_domain_under_public_suffix or host


@cache
def _suffix_list() -> TLDExtract:
    import tldextract  # noqa: PLC0415 - 0.2 s, and most comparisons end before it is needed

    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
