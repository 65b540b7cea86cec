"""The Atom feed of stories (RFC 4287)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from storage import page_queries, queries
from storage.queries import ClusterFilter, ClusterSummary, Member
from web.links import file_of, outside
from web.reading import paragraphs, shortened
from web.render import View, bare
from web.typography import set_text

ENTRIES = 50
TEASER = 300  # characters
NEVER = "1970-01-01T00:00:00Z"  # Atom wants a time even where none is known
# What XML 1.0 cannot contain, however it is escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One story, ready to be written."""

    id: str
    title: str
    link: str | None
    language: str | None
    published: str  # RFC 3339
    updated: str
    first_outlet: str | None
    keywords: tuple[str, ...]
    html: str


def feed(view: View, *, home: str | None = None, static: bool = False) -> str:
    """Return the stories that changed last.

    ``home`` is the address of the front page, ending in a slash; without it an entry links to the lead
    article itself. ``static``: the pages at that address are files of an export.
    """
    found = list(queries.clusters_list(view.conn, ClusterFilter(limit=ENTRIES)))
    leads = [story.lead_article_id for story in found if story.lead_article_id is not None]
    teasers = page_queries.teasers(view.conn, leads)
    entries = [_entry(view, story, teasers.get(story.lead_article_id or 0, ""), home, static=static) for story in found]
    updated = max((entry.updated for entry in entries), default=NEVER)
    text = bare(
        "feed.atom", entries=entries, updated=updated, home=home, id=f"{home}feed.atom" if home else _tag("feed")
    )
    return _NOT_XML.sub("", text)


def _entry(view: View, story: ClusterSummary, teaser: str, home: str | None, *, static: bool) -> Entry:
    members = queries.members(view.conn, story)
    lead = next((one for one in members if one.article_id == story.lead_article_id), None)
    path = file_of("clusters", story.id) if static else f"clusters/{story.id}"
    return Entry(
        id=f"{home}{path}" if home else _tag(f"cluster-{story.id}"),
        title=set_text(story.title, story.language),
        link=f"{home}{path}" if home else outside(lead.url if lead else None),
        language=story.language,
        published=_moment(story.first_at),
        updated=_moment(story.last_at),
        first_outlet=story.first_outlet,
        keywords=story.keywords,
        html=_html(set_text(shortened(" ".join(paragraphs(teaser)), TEASER), story.language), members),
    )


def _html(teaser: str, members: list[Member]) -> str:
    """Return the teaser, and each outlet with a link to its article."""
    items = Markup("").join(
        Markup('<li><a href="{}" rel="noopener nofollow">{}</a>: {}</li>').format(
            member.url, member.outlet, set_text(member.title, member.language)
        )
        if outside(member.url)
        else Markup("<li>{}: {}</li>").format(member.outlet, member.title)
        for member in members[:ENTRIES]
    )
    return str((Markup("<p>{}</p>").format(teaser) if teaser else Markup("")) + Markup("<ul>{}</ul>").format(items))


def _tag(name: str) -> str:
    """Return an id for what has no address (RFC 4151): unique within the machine the feed was made on."""
    return f"tag:localhost,2026:depeche/{name}"


def _moment(stored: str | None) -> str:
    if not stored:
        return NEVER
    return stored if "T" in stored else f"{stored}T12:00:00Z"
