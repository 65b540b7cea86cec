"""One story and what it is made of: the cluster page, a comparison, an article and its versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage import page_queries, queries
from storage.page_queries import ArticleRow
from storage.queries import ClusterSummary, Member, Text
from storage.related import related
from web import charts
from web.diff import Change, Counts, Operation, count, shorten, word_diff
from web.pages import Missing, Moved
from web.reading import Clock
from web.render import STATIC, View, bare, page

SHOWN = 100  # members on a page; a bulletin that a thousand outlets ran is listed in full on request
CONTEXT = 12  # unchanged words on each side of a change, where only the changes are shown

Passages = list[tuple[Operation, str]]


@dataclass(frozen=True, kw_only=True)
class Similar:
    """A text of the story that differs from the lead, with those who ran the same."""

    member: Member
    teaser: str
    same: tuple[Member, ...]
    like: str | None  # the outlet whose text is the nearest; None: the lead itself


def cluster(view: View, cluster_id: int, *, everyone: bool = False) -> str:
    """Return the page of a story.

    Raises:
        Missing: there never was one of that id.
        Moved: it was absorbed by another.
    """
    found = _cluster(view, cluster_id)
    members = queries.members(view.conn, found)
    lead = next((one for one in members if one.article_id == found.lead_article_id), members[0] if members else None)
    if lead is None:
        raise Missing(f"Story {found.id} has no article left.")
    shown = members if everyone else members[:SHOWN]
    teasers = page_queries.teasers(view.conn, [one.article_id for one in shown])
    return page(
        view,
        "cluster.html",
        story=found,
        lead=lead,
        article=page_queries.article(view.conn, lead.article_id),
        text=queries.text(view.conn, lead.article_id),
        same=_same_as_lead(lead, members),
        similar=_similar(lead, members, shown, teasers),
        members=members,
        first=members[0],
        left_out=len(members) - len(shown),
        spread=charts.spread(shown),
        changed=page_queries.changed(view.conn, [one.article_id for one in shown]),
        related=[one for one in related(view.conn, found, known=view.days) if view.has(one.id)],
    )


def comparisons(view: View, cluster_id: int) -> list[tuple[int, int]]:
    """Return the pairs of articles that the page of a story links to: the lead, and each other text."""
    found = _cluster(view, cluster_id)
    members = queries.members(view.conn, found)
    lead = next((one for one in members if one.article_id == found.lead_article_id), members[0])
    return [(lead.article_id, one.member.article_id) for one in _similar(lead, members, members, {})]


def changed(view: View, cluster_id: int) -> dict[int, list[int]]:
    """Return the articles of a story that have former texts, each with the ids of these."""
    members = [one.article_id for one in queries.members(view.conn, _cluster(view, cluster_id))]
    return {
        one: [former.id for former in page_queries.versions(view.conn, one)]
        for one in page_queries.changed(view.conn, members)
    }


def compare(view: View, cluster_id: int, old_id: int, new_id: int, *, whole: bool = True) -> str:
    """Return what differs between two articles of a story.

    Raises:
        Missing: there is no such story, or it has no such articles.
        Moved: the story was absorbed by another.
    """
    found = _cluster(view, cluster_id, "compare", old_id, new_id)
    members = {one.article_id: one for one in queries.members(view.conn, found)}
    if old_id not in members or new_id not in members:
        raise Missing(f"Story {found.id} has no such article.")
    old, new = (queries.text(view.conn, one) for one in (old_id, new_id))
    return page(
        view,
        "compare.html",
        story=found,
        old=members[old_id],
        new=members[new_id],
        members=list(members.values()),
        whole=whole,
        **_compared(old, new, whole=whole),
    )


def difference(old: Member, new: Member, texts: tuple[Text, Text], *, whole: bool = True) -> str:
    """Return a page of its own that shows what differs between two articles; it needs no server and no other file."""
    style = (STATIC / "style.css").read_text(encoding="utf-8")
    values = _compared(*texts, whole=whole)
    return bare("difference.html", old=old, new=new, clock=Clock(), style=style, **values)


def article(view: View, article_id: int) -> str:
    """Return one article with its former texts.

    Raises:
        Missing: there is none of that id.
    """
    found = _article(view, article_id)
    return page(
        view,
        "article.html",
        article=found,
        text=queries.text(view.conn, article_id),
        versions=page_queries.versions(view.conn, article_id),
    )


def version(view: View, article_id: int, version_id: int, *, whole: bool = True) -> str:
    """Return what the outlet changed when it replaced that text.

    Raises:
        Missing: there is no such article, or it never had that text.
    """
    found = _article(view, article_id)
    versions = page_queries.versions(view.conn, article_id)
    place = next((number for number, one in enumerate(versions) if one.id == version_id), None)
    if place is None:
        raise Missing(f"Article {article_id} has no version {version_id}.")
    following = [one.text for one in versions[place + 1 :]] or [queries.text(view.conn, article_id)]
    return page(
        view,
        "version.html",
        article=found,
        version=versions[place],
        number=place + 1,
        of=len(versions),
        whole=whole,
        **_compared(versions[place].text, following[0], whole=whole),
    )


def _cluster(view: View, cluster_id: int, *rest: str | int) -> ClusterSummary:
    found = queries.cluster(view.conn, cluster_id)
    if found is None:
        raise Missing(f"There is no story {cluster_id}.")
    if found.id != cluster_id:
        raise Moved("clusters", found.id, *rest)
    return found


def _article(view: View, article_id: int) -> ArticleRow:
    found = page_queries.article(view.conn, article_id)
    if found is None:
        raise Missing(f"There is no article {article_id}.")
    return found


def _group(member: Member) -> int:
    """Return what members with the same text have in common: the first of them."""
    return member.article_id if member.same_as is None else member.same_as


def _same_as_lead(lead: Member, members: Iterable[Member]) -> list[Member]:
    return [one for one in members if _group(one) == _group(lead) and one.article_id != lead.article_id]


def _similar(
    lead: Member, members: Sequence[Member], shown: Sequence[Member], teasers: dict[int, str]
) -> list[Similar]:
    """Return the other texts, the most alike first; each with the outlets that ran the same."""
    by_id = {one.article_id: one for one in members}

    def like(member: Member) -> str | None:
        nearest = by_id.get(member.matched_id or 0, lead)
        return None if _group(nearest) == _group(lead) else nearest.outlet

    groups: dict[int, list[Member]] = {}
    for member in shown:
        if _group(member) != _group(lead):
            groups.setdefault(_group(member), []).append(member)
    found = [
        Similar(
            member=group[0],
            teaser=teasers.get(group[0].article_id, ""),
            same=tuple(group[1:]),
            like=like(group[0]),
        )
        for group in groups.values()
    ]
    return sorted(found, key=lambda one: -(one.member.likeness or 0))


def _compared(old: Text, new: Text, *, whole: bool) -> dict[str, object]:
    """Return the values of a comparison: passages of headline and text, and how many words changed."""
    title = word_diff(old.title, new.title)
    text = word_diff(*("\n\n".join(filter(None, (one.lede, one.body))) for one in (old, new)))
    counts = [count(title), count(text)]
    shown = text if whole else shorten(text, context=CONTEXT)
    return {
        "title_changes": [(one.op, one.text) for one in title],
        "text_changes": passages(shown),
        "counts": Counts(
            added=sum(one.added for one in counts),
            removed=sum(one.removed for one in counts),
            kept=sum(one.kept for one in counts),
        ),
    }


def passages(changes: Iterable[Change]) -> list[Passages]:
    """Return the changes by paragraph: a blank line ends one, whichever text it stands in."""
    found: list[Passages] = [[]]
    for change in changes:
        for number, part in enumerate(change.text.split("\n\n")):
            if number:
                found.append([])
            if part:
                found[-1].append((change.op, part))
    return [one for one in found if any(text.strip() for _, text in one)]
