from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from storage import articles
from storage.database import transaction
from storage.ingest import ingest
from storage.records import Article
from storage.rows import content_hash, row, words

Make = Callable[..., Article]
NOW = "2026-11-21T08:00:00Z"


def save(db: Database, article: Article) -> articles.Saved:
    with transaction(db):
        return articles.save(db, article, fetched_at=NOW)


def stored(db: Database, columns: str = "*", table: str = "articles") -> list[dict[str, object]]:
    return list(db.query(f"SELECT {columns} FROM {table}"))


# ---- what is stored


def test_article_is_stored_with_times_in_utc_and_counted(db: Database, article: Make) -> None:
    save(db, article(authors=("Anne Marin",), keywords=("port", "port"), origins={"agency": "byline"}, agency="Belga"))
    assert stored(
        db, "outlet_id, title, published_at, published_original, fetched_at, words, authors, keywords, agency_source"
    ) == [
        {
            "outlet_id": "le-phare",
            "title": "Le port rouvre après la tempête",
            "published_at": "2026-11-20T17:19:00Z",
            "published_original": "2026-11-20T18:19:00+01:00",
            "fetched_at": "2026-11-20T18:00:00Z",
            "words": 15,
            "authors": '["Anne Marin"]',
            "keywords": '["port"]',
            "agency_source": "byline",
        }
    ]


def test_text_is_found_by_full_text_search_with_accents_folded(db: Database, article: Make) -> None:
    save(db, article())
    found = db.execute("SELECT rowid FROM article_texts_fts WHERE article_texts_fts MATCH 'tempete'").fetchall()
    assert found == [(1,)]


def test_article_without_times_is_placed_at_its_reading(db: Database, article: Make) -> None:
    save(db, article(published_at=None, fetched_at=None))
    assert stored(db, "published_at, fetched_at, datetime(window_at, 'unixepoch') AS at") == [
        {"published_at": None, "fetched_at": NOW, "at": "2026-11-21 08:00:00"}
    ]


def test_bare_date_is_kept_and_placed_at_noon(db: Database, article: Make) -> None:
    save(db, article(published_at="2026-11-20"))
    assert stored(db, "published_at, datetime(window_at, 'unixepoch') AS at") == [
        {"published_at": "2026-11-20", "at": "2026-11-20 12:00:00"}
    ]


def test_unbelievable_date_of_a_page_is_kept_as_written_only(db: Database, article: Make) -> None:
    save(db, article(published_at="1970-01-01T00:00:00Z"))
    assert stored(db, "published_at, published_original") == [
        {"published_at": None, "published_original": "1970-01-01T00:00:00Z"}
    ]


def test_old_date_is_believed_of_an_archive(db: Database, article: Make) -> None:
    save(db, article(published_at="1987-10-19", fetched_at=None))
    assert stored(db, "published_at") == [{"published_at": "1987-10-19"}]


def test_hostile_text_is_stored_harmless(db: Database, article: Make) -> None:
    hostile = "a\x00b\ud800\u202e\x1b[31m"
    save(
        db,
        article(
            url="https://phare.example/\ud800x", title=hostile, lede=hostile, body=hostile, kicker=hostile,
            section=hostile, agency=hostile, authors=(hostile,), keywords=(hostile,), origins={hostile: hostile},
            opt_out=hostile, language=hostile, published_at=hostile, image=f"https://phare.example/{hostile}",
            aliases=(hostile,),
        ),
    )  # fmt: skip
    everything = json.dumps([*stored(db), *stored(db, table="article_texts"), *stored(db, table="article_urls")])
    for escape in ("\\u0000", "\\ud800", "\\u202e", "\\u001b"):
        assert escape not in everything


def test_article_without_url_or_outlet_is_a_mistake(article: Make) -> None:
    for missing in ({"url": " "}, {"outlet_id": ""}):
        with pytest.raises(ValueError, match="url and an outlet_id"):
            row(article(**missing), read_at=NOW)


# ---- the same article again


def test_same_article_again_is_unchanged(db: Database, article: Make) -> None:
    first = save(db, article())
    again = save(db, article(fetched_at="2026-11-20T20:00:00Z", body=article().body.replace(" ", "  \n")))
    assert (first.outcome, again.outcome, again.article_id) == ("new", "unchanged", first.article_id)
    assert not again.regroup
    assert stored(db, "fetched_at") == [{"fetched_at": "2026-11-20T18:00:00Z"}]
    assert stored(db, table="article_versions") == []


@pytest.mark.parametrize("field", ["title", "lede", "body"])
def test_changed_text_keeps_the_id_and_the_former_text(db: Database, article: Make, field: str) -> None:
    first = save(db, article())
    second = save(db, article(**{field: "Corrigé"}, fetched_at="2026-11-20T20:00:00Z"))
    assert (second.article_id, second.outcome, second.regroup) == (first.article_id, "changed", True)
    assert stored(db, "article_id, title, lede, body, fetched_at, replaced_at, content_hash", "article_versions") == [
        {
            "article_id": first.article_id,
            "title": article().title,
            "lede": article().lede,
            "body": article().body,
            "fetched_at": "2026-11-20T18:00:00Z",
            "replaced_at": "2026-11-20T20:00:00Z",
            "content_hash": content_hash(article().title, article().lede, article().body),
        }
    ]
    assert stored(db, field, "article_texts") == [{field: "Corrigé"}]
    match = "SELECT count(*) FROM article_texts_fts WHERE article_texts_fts MATCH 'corrige'"
    assert db.execute(match).fetchone()[0] == 1
    db.execute("INSERT INTO article_texts_fts (article_texts_fts, rank) VALUES ('integrity-check', 1)")


def test_what_an_update_does_not_say_stays(db: Database, article: Make) -> None:
    save(db, article(agency="Belga", origins={"agency": "byline"}, authors=("Anne Marin",), paywalled=False))
    again = save(db, article(published_at=None, language=None, section="Mer", paywalled=True))
    assert again.outcome == "unchanged"
    assert stored(db, "published_at, language, section, agency, agency_source, authors, paywalled") == [
        {
            "published_at": "2026-11-20T17:19:00Z",
            "language": "fr",
            "section": "Mer",
            "agency": "Belga",
            "agency_source": "byline",
            "authors": '["Anne Marin"]',
            "paywalled": 1,
        }
    ]


def test_day_alone_does_not_replace_a_time_of_that_day(db: Database, article: Make) -> None:
    save(db, article())
    save(db, article(published_at="2026-11-20"))
    assert stored(db, "published_at") == [{"published_at": "2026-11-20T17:19:00Z"}]


def test_corrected_time_places_the_article_anew(db: Database, article: Make) -> None:
    save(db, article(published_at="2026-11-20"))
    again = save(db, article())
    assert (again.outcome, again.regroup) == ("unchanged", True)
    assert stored(db, "published_at") == [{"published_at": "2026-11-20T17:19:00Z"}]


def test_undated_page_read_again_stays_at_its_first_reading(db: Database, article: Make) -> None:
    save(db, article(published_at=None))
    again = save(db, article(published_at=None, title="Autre", fetched_at="2026-11-21T18:00:00Z"))
    assert again.outcome == "changed"
    assert stored(db, "datetime(window_at, 'unixepoch') AS at") == [{"at": "2026-11-20 18:00:00"}]


@pytest.mark.parametrize("kind", ["consent", "challenge", "soft_404", "empty"])
def test_wall_does_not_replace_the_article_behind_it(db: Database, article: Make, kind: str) -> None:
    save(db, article())
    assert save(db, article(title="Avant de continuer", body="", kind=kind)).outcome == "unchanged"
    assert stored(db, "title, kind") == [{"title": article().title, "kind": "article"}]


def test_article_replaces_the_wall_that_was_there_first(db: Database, article: Make) -> None:
    save(db, article(title="Avant de continuer", body="", kind="consent"))
    again = save(db, article())
    assert (again.outcome, again.regroup) == ("changed", True)


def test_article_that_came_back_is_no_longer_gone(db: Database, article: Make) -> None:
    save(db, article(aliases=("https://phare.example/amp/port",)))
    articles.mark_gone(db, "le-phare", "https://phare.example/amp/port", now=NOW)
    assert stored(db, "gone_at") == [{"gone_at": NOW}]
    save(db, article())
    assert stored(db, "gone_at") == [{"gone_at": None}]


# ---- one article, several URLs

OLD, NEW, AMP = "https://phare.example/port", "https://phare.example/mer/port", "https://phare.example/amp/port"


def test_article_is_found_by_its_alias_and_keeps_its_first_url(db: Database, article: Make) -> None:
    first = save(db, article(url=OLD, aliases=(AMP,)))
    by_alias = save(db, article(url=AMP))
    by_old_url = save(db, article(url=NEW, aliases=(OLD,)))
    by_new_url = save(db, article(url=NEW))
    assert {s.article_id for s in (by_alias, by_old_url, by_new_url)} == {first.article_id}
    assert stored(db, "url") == [{"url": OLD}]
    assert {r["url"] for r in stored(db, "url", "article_urls")} == {AMP, NEW}


def test_shared_alias_is_one_article_only_with_the_same_headline(db: Database, article: Make) -> None:
    live = "https://phare.example/direct"
    first = save(db, article(url=OLD, aliases=(live,)))
    same = save(db, article(url=NEW, aliases=(live,)))
    other = save(db, article(url="https://phare.example/b", title="Grève au phare", aliases=(live,)))
    assert same.article_id == first.article_id
    assert other.outcome == "new"


def test_same_url_at_two_outlets_is_two_articles(db: Database, article: Make) -> None:
    save(db, article())
    assert save(db, article(outlet_id="gazette")).outcome == "new"
    assert [r["id"] for r in stored(db, "id", "outlets ORDER BY id")] == ["gazette", "le-phare"]


# ---- many at once

COPIES = st.lists(
    st.builds(
        lambda n, text, kind, alias: (n, text, kind, alias),
        st.integers(0, 3), st.sampled_from(["Un", "Deux", "Trois"]), st.sampled_from(["article", "listing", "consent"]),
        st.sampled_from([None, 0, 1, 9]),
    ),
    max_size=8,
)  # fmt: skip


@given(copies=COPIES)
def test_one_batch_stores_what_one_by_one_stores(
    tmp_path_factory: pytest.TempPathFactory, copies: list[tuple[int, str, str, int | None]]
) -> None:
    from storage.database import close, open_for_writing

    url = "https://phare.example/{}".format
    made = [
        Article(
            url=url(n), outlet_id="le-phare", title=text, body=text, kind=kind, fetched_at=f"2026-11-20T18:00:{i:02}Z",
            aliases=() if alias is None else (url(alias),),
        )
        for i, (n, text, kind, alias) in enumerate(copies)
    ]  # fmt: skip
    found = []
    for batches in ([made], [[one] for one in made]):
        db = open_for_writing(tmp_path_factory.mktemp("batch") / "news.db", create=True)
        db.execute("PRAGMA synchronous = OFF")
        results = [ingest(db, batch, group=False) for batch in batches]
        found.append(
            [
                [i for r in results for i in r.article_ids],
                sum(r.new for r in results),
                sum(r.changed for r in results),
                stored(db, "id, url, title, kind, fetched_at, content_hash"),
                stored(db, table="article_texts"),
                stored(db, "article_id, title, fetched_at, replaced_at", "article_versions ORDER BY replaced_at"),
                stored(db, "url, article_id", "article_urls ORDER BY url"),
                stored(db, table="ungrouped"),
            ]
        )
        close(db)
    assert found[0] == found[1]


def test_ten_thousand_copies_of_one_line_are_one_article(db: Database, article: Make) -> None:
    done = ingest(db, [article()] * 10_000, group=False)
    assert (done.new, done.changed, done.unchanged) == (1, 0, 9_999)


def test_words_are_counted_in_cleaned_text() -> None:
    assert [words(text) for text in ("", "un", "un deux", "un\n\ndeux trois")] == [0, 1, 2, 3]
