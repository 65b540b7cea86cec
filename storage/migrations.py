"""The schema, as numbered migrations. Applied by ``storage.database.open_for_writing``.

Comments stay inside the DDL, on the line before the column they describe, so that ``.schema`` in any
tool documents itself; ``docs/schema.md`` is printed from here. One ``db.execute`` per statement:
``executescript`` would commit on its own and leave half a migration behind.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

# "DEPH": a SQLite file with another application id is not ours and is refused.
APPLICATION_ID = 0x44455048

migrations = Migrations("depeche")

TABLES = [
    """
    CREATE TABLE outlets (
      -- Slug; never changes.
      id TEXT PRIMARY KEY,
      -- As readers know it.
      name TEXT NOT NULL UNIQUE,
      -- An aggregator republishes others: it never counts as an outlet of a story.
      kind TEXT NOT NULL DEFAULT 'publisher' CHECK (kind IN ('publisher', 'aggregator')),
      -- ISO 3166-1 alpha-2.
      country TEXT,
      -- BCP 47.
      language TEXT,
      -- Front page.
      home TEXT,
      -- 0: kept, but not crawled.
      enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1))
    ) STRICT
    """,
    """
    CREATE TABLE clusters (
      -- Stable: when clusters merge the oldest id stays, see cluster_redirects.
      id INTEGER PRIMARY KEY,
      -- Headline of the lead article.
      title TEXT,
      -- Agency credited by the members, if any.
      agency TEXT,
      -- Member with the longest text.
      lead_article_id INTEGER REFERENCES articles(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
      -- Member published first.
      first_article_id INTEGER REFERENCES articles(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
      -- Distinct publishers among the members; aggregators do not count.
      outlets INTEGER NOT NULL DEFAULT 0,
      -- Members.
      articles INTEGER NOT NULL DEFAULT 0,
      -- Publication of the first and of the last member, UTC.
      first_at TEXT,
      last_at TEXT
    ) STRICT
    """,
    """
    CREATE TABLE articles (
      id INTEGER PRIMARY KEY,
      outlet_id TEXT NOT NULL REFERENCES outlets(id),
      -- Canonical URL: the identity of an article within its outlet.
      url TEXT NOT NULL,
      -- Headline.
      title TEXT,
      -- Overline printed with the headline.
      kicker TEXT,
      -- UTC, ISO 8601 (2025-02-09T17:19:00Z), or a bare date when only the day is known.
      published_at TEXT,
      -- As the page wrote it, with its offset.
      published_original TEXT,
      updated_at TEXT,
      -- When this program read the page, UTC.
      fetched_at TEXT NOT NULL,
      -- BCP 47 primary tag.
      language TEXT,
      section TEXT,
      -- News agency credited: AFP, Belga, Reuters ...
      agency TEXT,
      -- Where the credit was found: author, byline, dateline, credit line, structured data.
      agency_source TEXT,
      -- JSON array of names.
      authors TEXT NOT NULL DEFAULT '[]',
      -- JSON array.
      keywords TEXT NOT NULL DEFAULT '[]',
      -- URL of the main picture.
      image TEXT,
      -- 1: only a teaser is free to read. NULL: the page does not say.
      paywalled INTEGER CHECK (paywalled IN (0, 1)),
      -- article, live_blog, media, listing, consent, challenge, soft_404, empty. Only articles are clustered.
      kind TEXT NOT NULL DEFAULT 'article',
      -- Words in lede and body.
      words INTEGER NOT NULL DEFAULT 0,
      -- When the outlet answered that the page is gone (404, 410).
      gone_at TEXT,
      -- JSON object: field -> where it was found (json-ld, meta, h1 ...).
      origins TEXT NOT NULL DEFAULT '{}',
      -- Reservation against text and data mining found on the page, in its words.
      opt_out TEXT,
      -- SHA-256 of title, lede and body (first 16 hex digits), to detect changes and corruption.
      content_hash TEXT NOT NULL,
      -- Epoch seconds used for the pair window: published_at, else fetched_at.
      window_at INTEGER NOT NULL,
      -- NULL: not comparable (not an article, or too short) or not grouped yet, see ungrouped.
      cluster_id INTEGER REFERENCES clusters(id) DEFERRABLE INITIALLY DEFERRED,
      UNIQUE (outlet_id, url)
    ) STRICT
    """,
    """
    CREATE TABLE article_texts (
      article_id INTEGER PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE,
      title TEXT NOT NULL DEFAULT '',
      lede TEXT NOT NULL DEFAULT '',
      -- Paragraphs separated by a blank line.
      body TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    """
    CREATE VIRTUAL TABLE article_texts_fts USING fts5 (
      title, lede, body,
      tokenize = "unicode61 remove_diacritics 2",
      content = "article_texts",
      content_rowid = "article_id"
    )
    """,
    """
    CREATE TABLE article_urls (
      outlet_id TEXT NOT NULL REFERENCES outlets(id),
      -- Another URL of the article: as fetched, AMP, before a redirect.
      url TEXT NOT NULL,
      article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
      PRIMARY KEY (outlet_id, url)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE article_versions (
      id INTEGER PRIMARY KEY,
      article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
      -- When this text was seen to be replaced, UTC.
      replaced_at TEXT NOT NULL,
      -- When this text had been fetched, UTC.
      fetched_at TEXT NOT NULL,
      title TEXT,
      lede TEXT,
      body TEXT,
      content_hash TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE cluster_redirects (
      -- An id that was absorbed by another cluster.
      id INTEGER PRIMARY KEY,
      cluster_id INTEGER NOT NULL REFERENCES clusters(id)
    ) STRICT
    """,
    """
    CREATE TABLE matches (
      article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
      -- The article it was found to share text with.
      matched_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
      -- Which rule linked them: text, headline, headline and text ...
      rule TEXT NOT NULL,
      -- Share of the shorter text's informative shingles that the other has too, in [0, 1].
      containment REAL,
      -- Jaccard similarity of the informative shingles, in [0, 1].
      jaccard REAL,
      -- Informative shingles in common.
      shared INTEGER,
      -- Likeness of the two headlines, in [0, 1].
      headline REAL,
      PRIMARY KEY (article_id, matched_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE signatures (
      article_id INTEGER PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE,
      -- Which parameters made it; a mismatch is refused and cured by depeche regroup.
      params TEXT NOT NULL,
      -- MinHash of the informative shingles, little-endian uint32; NULL when the text is too short.
      text_minhash BLOB,
      -- MinHash of the headline's words; NULL when there is no headline.
      headline_minhash BLOB
    ) STRICT
    """,
    """
    CREATE TABLE ungrouped (
      -- Stored, and waiting to be compared with the others.
      article_id INTEGER PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE
    ) STRICT
    """,
    """
    CREATE TABLE recurring_shingles (
      -- The outlet whose articles repeat them; '' for those that repeat at several outlets.
      outlet_id TEXT PRIMARY KEY,
      -- Articles the outlet had when its recurring text was learnt.
      articles INTEGER NOT NULL,
      -- Sorted little-endian uint32 hashes.
      shingles BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE feeds (
      -- Feed, sitemap or section page.
      url TEXT PRIMARY KEY,
      outlet_id TEXT NOT NULL REFERENCES outlets(id),
      kind TEXT NOT NULL CHECK (kind IN ('feed', 'sitemap', 'section')),
      -- Validators of the last full answer, for the next conditional request.
      etag TEXT,
      last_modified TEXT,
      -- SHA-256 of the last body, first 16 hex digits.
      body_hash TEXT,
      last_status INTEGER,
      last_checked_at TEXT,
      last_success_at TEXT,
      -- When it last listed something unknown.
      last_new_at TEXT,
      -- Not requested before this time.
      next_due_at TEXT,
      -- Failures in a row; 0 after a success.
      failures INTEGER NOT NULL DEFAULT 0,
      -- What went wrong last, in words.
      error TEXT
    ) STRICT
    """,
    """
    CREATE TABLE frontier (
      outlet_id TEXT NOT NULL REFERENCES outlets(id),
      -- Canonical URL.
      url TEXT NOT NULL,
      -- queued: to be fetched; done: stored; skipped: robots or a filter forbids; failed: given up; gone: 404, 410.
      state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'done', 'skipped', 'failed', 'gone')),
      attempts INTEGER NOT NULL DEFAULT 0,
      found_at TEXT NOT NULL,
      -- Not requested before this time.
      next_at TEXT,
      -- What the feed or sitemap said of it, as JSON, for pages that say less.
      hints TEXT,
      error TEXT,
      PRIMARY KEY (outlet_id, url)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY,
      -- crawl, import, regroup, demo.
      command TEXT NOT NULL,
      started_at TEXT NOT NULL,
      finished_at TEXT,
      -- running, ok, partial (some outlets failed), failed, interrupted, died (found later, without a lock).
      status TEXT NOT NULL,
      pid INTEGER,
      pages INTEGER NOT NULL DEFAULT 0,
      new INTEGER NOT NULL DEFAULT 0,
      changed INTEGER NOT NULL DEFAULT 0,
      unchanged INTEGER NOT NULL DEFAULT 0,
      failed INTEGER NOT NULL DEFAULT 0,
      exit_code INTEGER,
      error TEXT
    ) STRICT
    """,
    """
    CREATE TABLE run_outlets (
      run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
      outlet_id TEXT NOT NULL REFERENCES outlets(id),
      pages INTEGER NOT NULL DEFAULT 0,
      new INTEGER NOT NULL DEFAULT 0,
      changed INTEGER NOT NULL DEFAULT 0,
      failed INTEGER NOT NULL DEFAULT 0,
      -- What went wrong, in words; NULL when nothing did.
      error TEXT,
      PRIMARY KEY (run_id, outlet_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE settings (
      -- seed: secret of the shingle hashes of this database; params: what stored signatures were made with;
      -- last_cluster: highest cluster id ever given, so that none is given twice.
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
]

INDEXES = [
    "CREATE INDEX articles_cluster_id ON articles (cluster_id)",
    "CREATE INDEX articles_window_at ON articles (window_at)",
    "CREATE INDEX articles_published_at ON articles (published_at)",
    "CREATE INDEX articles_outlet_published ON articles (outlet_id, published_at)",
    "CREATE INDEX article_urls_article_id ON article_urls (article_id)",
    "CREATE INDEX article_versions_article_id ON article_versions (article_id)",
    "CREATE INDEX cluster_redirects_cluster_id ON cluster_redirects (cluster_id)",
    "CREATE INDEX clusters_last_at ON clusters (last_at)",
    "CREATE INDEX clusters_outlets ON clusters (outlets, last_at)",
    "CREATE INDEX clusters_lead_article_id ON clusters (lead_article_id)",
    "CREATE INDEX clusters_first_article_id ON clusters (first_article_id)",
    "CREATE INDEX matches_matched_id ON matches (matched_id)",
    "CREATE INDEX feeds_outlet_id ON feeds (outlet_id)",
    "CREATE INDEX frontier_due ON frontier (state, next_at)",
    "CREATE INDEX run_outlets_outlet_id ON run_outlets (outlet_id)",
]

# The full-text index has no copy of the texts and follows their table by triggers.
FTS_TRIGGERS = [
    """
    CREATE TRIGGER article_texts_ai AFTER INSERT ON article_texts BEGIN
      INSERT INTO article_texts_fts (rowid, title, lede, body)
      VALUES (new.article_id, new.title, new.lede, new.body);
    END
    """,
    """
    CREATE TRIGGER article_texts_ad AFTER DELETE ON article_texts BEGIN
      INSERT INTO article_texts_fts (article_texts_fts, rowid, title, lede, body)
      VALUES ('delete', old.article_id, old.title, old.lede, old.body);
    END
    """,
    """
    CREATE TRIGGER article_texts_au AFTER UPDATE ON article_texts BEGIN
      INSERT INTO article_texts_fts (article_texts_fts, rowid, title, lede, body)
      VALUES ('delete', old.article_id, old.title, old.lede, old.body);
      INSERT INTO article_texts_fts (rowid, title, lede, body)
      VALUES (new.article_id, new.title, new.lede, new.body);
    END
    """,
]

VIEWS = [
    """
    CREATE VIEW recent_clusters AS
    -- Stories carried by at least two publishers, the most recent first.
    SELECT clusters.id, clusters.title, clusters.outlets, clusters.articles, clusters.agency,
           clusters.first_at, clusters.last_at, outlets.name AS first_outlet, articles.language
    FROM clusters
    LEFT JOIN articles ON articles.id = clusters.first_article_id
    LEFT JOIN outlets ON outlets.id = articles.outlet_id
    WHERE clusters.outlets >= 2
    ORDER BY clusters.last_at DESC
    """,
    """
    CREATE VIEW cluster_members AS
    -- Who ran a story, in order, with minutes after the first and likeness to the article matched.
    SELECT articles.cluster_id, articles.id AS article_id, outlets.name AS outlet, outlets.kind, articles.title,
           articles.published_at,
           CAST(round((julianday(articles.published_at) - julianday(clusters.first_at)) * 1440) AS INTEGER)
             AS minutes_after_first,
           articles.agency, articles.words, articles.paywalled,
           best.matched_id, best.rule, best.containment, best.jaccard, articles.url
    FROM articles
    JOIN outlets ON outlets.id = articles.outlet_id
    JOIN clusters ON clusters.id = articles.cluster_id
    LEFT JOIN matches AS best ON best.article_id = articles.id AND best.matched_id = (
      SELECT matched_id FROM matches WHERE matches.article_id = articles.id
      ORDER BY containment DESC, matched_id LIMIT 1)
    ORDER BY articles.cluster_id, articles.published_at, articles.id
    """,
    """
    CREATE VIEW outlet_health AS
    -- Is this outlet still working: what it yields, when something new last came, what failed last.
    SELECT outlets.id, outlets.name, outlets.enabled,
           (SELECT count(*) FROM articles WHERE articles.outlet_id = outlets.id) AS articles,
           (SELECT max(published_at) FROM articles WHERE articles.outlet_id = outlets.id) AS newest_article_at,
           max(feeds.last_success_at) AS last_success_at, max(feeds.last_new_at) AS last_new_at,
           max(feeds.failures) AS failures, max(feeds.error) AS error
    FROM outlets LEFT JOIN feeds ON feeds.outlet_id = outlets.id
    GROUP BY outlets.id
    """,
    """
    CREATE VIEW who_follows_whom AS
    -- Per pair of outlets: how often the one ran, later, a story of which the other's text was the nearest earlier one.
    SELECT follower.outlet_id AS outlet, followed.outlet_id AS follows, count(*) AS stories,
           CAST(avg((follower.window_at - followed.window_at) / 60.0) AS INTEGER) AS average_minutes
    FROM matches
    JOIN articles AS a ON a.id = matches.article_id
    JOIN articles AS b ON b.id = matches.matched_id
    JOIN articles AS follower ON follower.id = CASE WHEN a.window_at > b.window_at THEN a.id ELSE b.id END
    JOIN articles AS followed ON followed.id = CASE WHEN a.window_at > b.window_at THEN b.id ELSE a.id END
    WHERE follower.outlet_id <> followed.outlet_id
    GROUP BY follower.outlet_id, followed.outlet_id
    ORDER BY stories DESC
    """,
]


@migrations()
def m001_first_schema(db: Database) -> None:
    """Create tables, indexes, full-text triggers and views."""
    for statement in [*TABLES, *INDEXES, *FTS_TRIGGERS, *VIEWS]:
        db.execute(statement)


# What a crawler that runs for years has to remember besides.
CRAWL_STATE = [
    """
    ALTER TABLE feeds ADD COLUMN
      -- Minutes between two requests, by the share of what was new in it.
      interval_minutes REAL
    """,
    """
    ALTER TABLE feeds ADD COLUMN
      -- When it was last asked for in full: some feeds answer 304 for ever.
      full_at TEXT
    """,
    """
    ALTER TABLE frontier ADD COLUMN
      -- When it was published, as its feed or sitemap says, UTC; NULL: it does not say.
      published_at TEXT
    """,
    """
    ALTER TABLE outlets ADD COLUMN
      -- Reservation against text and data mining in its robots.txt, in its words.
      opt_out TEXT
    """,
    """
    CREATE TABLE robots (
      -- Scheme, host and port.
      site TEXT PRIMARY KEY,
      -- Product token of ours these rules are for.
      token TEXT NOT NULL,
      -- Not believed for more than 24 hours (RFC 9309).
      fetched_at TEXT NOT NULL,
      -- The lines that bind us; empty: everything is allowed.
      rules TEXT NOT NULL,
      -- Reservation against text and data mining, in its words.
      opt_out TEXT
    ) STRICT
    """,
    "DROP INDEX frontier_due",
    "CREATE INDEX frontier_due ON frontier (outlet_id, state, next_at)",
]


@migrations()
def m002_crawl_state(db: Database) -> None:
    """Intervals of feeds, order of the frontier, robots.txt kept between runs, reservations of outlets."""
    for statement in CRAWL_STATE:
        db.execute(statement)


CORRECTIONS = """
    CREATE TABLE corrections (
      -- What a person said of two articles, kept whatever the texts say; article_id is the lower id of the two.
      article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
      other_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
      -- same: they end in one cluster; different: never.
      verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different')),
      -- UTC, ISO 8601.
      made_at TEXT NOT NULL,
      PRIMARY KEY (article_id, other_id),
      CHECK (article_id < other_id)
    ) STRICT, WITHOUT ROWID
    """

# Only what is later to the second follows; of an article dated to the day, or not at all, nobody knows.
WHO_FOLLOWS_WHOM = """
    CREATE VIEW who_follows_whom AS
    -- Per pair of outlets: how often the one ran, later, a story of which the other's text was the nearest earlier one.
    SELECT follower.outlet_id AS outlet, followed.outlet_id AS follows, count(*) AS stories,
           CAST(avg((follower.window_at - followed.window_at) / 60.0) AS INTEGER) AS average_minutes
    FROM matches
    JOIN articles AS a ON a.id = matches.article_id
    JOIN articles AS b ON b.id = matches.matched_id
    JOIN articles AS follower ON follower.id = CASE WHEN a.window_at > b.window_at THEN a.id ELSE b.id END
    JOIN articles AS followed ON followed.id = CASE WHEN a.window_at > b.window_at THEN b.id ELSE a.id END
    WHERE a.window_at <> b.window_at AND a.outlet_id <> b.outlet_id
      AND a.published_at LIKE '%T%' AND b.published_at LIKE '%T%'
    GROUP BY follower.outlet_id, followed.outlet_id
    ORDER BY stories DESC
    """


@migrations()
def m003_corrections(db: Database) -> None:
    """Keep what a person said of two articles; count as following only what is strictly later."""
    db.execute(CORRECTIONS)
    db.execute("CREATE INDEX corrections_other_id ON corrections (other_id)")
    db.execute("DROP VIEW who_follows_whom")
    db.execute(WHO_FOLLOWS_WHOM)


# The newest articles of an outlet, and its newest pages that are none, are found without reading all of its pages.
ARTICLES_BY_KIND = [
    "CREATE INDEX articles_outlet_read ON articles (outlet_id) WHERE kind = 'article'",
    "CREATE INDEX articles_outlet_unread ON articles (outlet_id)"
    " WHERE kind IN ('consent', 'challenge', 'empty', 'soft_404')",
]

# Every rule compares the newest with what is usual at the same outlet, so that no number fits one outlet only.
# Pages of which the last many, without a page among them that could be read, tell more than a share does.
OUTLET_HEALTH = """
    CREATE VIEW outlet_health AS
    -- Is this outlet still working: one word, a sentence why, and whether it takes a person (docs/operations.md).
    WITH current AS MATERIALIZED (
      -- Sources asked for within two days of the last asking: the others are not listed in outlets.toml any more.
      SELECT feeds.*,
             failures >= 5 AND coalesce(julianday(last_success_at) < julianday(last_checked_at) - 1, 1) AS dead
      FROM feeds
      JOIN (SELECT outlet_id, max(last_checked_at) AS latest FROM feeds GROUP BY outlet_id) AS asked USING (outlet_id)
      WHERE julianday(last_checked_at) >= julianday(latest) - 2
    ),
    worst AS MATERIALIZED (
      SELECT * FROM (
        SELECT outlet_id, url, error, failures, count(*) OVER outlet AS sources, sum(dead) OVER outlet AS dead,
               max(last_checked_at) OVER outlet AS last_checked_at, max(last_success_at) OVER outlet AS last_success_at,
               max(last_new_at) OVER outlet AS last_new_at,
               row_number() OVER (PARTITION BY outlet_id ORDER BY dead DESC, failures DESC, url) AS place
        FROM current WINDOW outlet AS (PARTITION BY outlet_id))
      WHERE place = 1
    ),
    newest AS MATERIALIZED (
      SELECT outlets.id AS outlet_id,
             (SELECT count(*) FROM articles WHERE outlet_id = outlets.id) AS articles,
             (SELECT max(published_at) FROM articles WHERE outlet_id = outlets.id) AS published_at,
             -- Beyond the last 500 dated pages nothing is asked what is usual.
             (SELECT published_at FROM articles WHERE outlet_id = outlets.id
              ORDER BY published_at DESC LIMIT 1 OFFSET 499) AS published_500,
             -- The first, the last, the 20th and the 100th last article.
             (SELECT min(id) FROM articles WHERE outlet_id = outlets.id AND kind = 'article') AS first_id,
             (SELECT max(id) FROM articles WHERE outlet_id = outlets.id AND kind = 'article') AS last_id,
             (SELECT id FROM articles WHERE outlet_id = outlets.id AND kind = 'article'
              ORDER BY id DESC LIMIT 1 OFFSET 19) AS id_20,
             coalesce((SELECT id FROM articles WHERE outlet_id = outlets.id AND kind = 'article'
                       ORDER BY id DESC LIMIT 1 OFFSET 99), 0) AS id_100
      FROM outlets
    ),
    gaps AS MATERIALIZED (
      -- The longest wait that ended on each of the last 60 days; nights and weekends count as what they are.
      SELECT outlet_id, max(days) AS days, count(*) AS pages
      FROM (
        SELECT articles.outlet_id, date(articles.published_at) AS day,
               julianday(articles.published_at) - julianday(lag(articles.published_at) OVER (
                 PARTITION BY articles.outlet_id ORDER BY articles.published_at)) AS days
        FROM newest JOIN articles ON articles.outlet_id = newest.outlet_id
          AND articles.published_at >= max(date(newest.published_at, '-60 days'), coalesce(published_500, '')))
      GROUP BY outlet_id, day
    ),
    pages AS MATERIALIZED (
      SELECT newest.*,
             (SELECT fetched_at FROM articles WHERE id = first_id) AS first_success_at,
             (SELECT fetched_at FROM articles WHERE id = last_id) AS last_article_at,
             -- NULL where too little was brought to say what is usual.
             (SELECT iif(count(*) >= 5 OR sum(pages) >= 499, avg(days), NULL)
              FROM gaps WHERE gaps.outlet_id = newest.outlet_id) AS usual_gap,
             (SELECT sum(kind IN ('consent', 'challenge')) FROM articles WHERE articles.outlet_id = newest.outlet_id
              AND kind IN ('consent', 'challenge', 'empty', 'soft_404') AND id > coalesce(last_id, 0)) AS walls,
             (SELECT count(*) FROM articles WHERE articles.outlet_id = newest.outlet_id
              AND kind IN ('consent', 'challenge', 'empty', 'soft_404') AND id > id_20) AS unread,
             (SELECT count(*) FROM articles WHERE articles.outlet_id = newest.outlet_id
              AND kind IN ('consent', 'challenge', 'empty', 'soft_404')) AS unread_ever,
             (SELECT avg(words) FROM articles WHERE articles.outlet_id = newest.outlet_id
              AND kind = 'article' AND id >= id_20) AS words,
             (SELECT iif(count(*) >= 50, avg(words), NULL) FROM articles WHERE articles.outlet_id = newest.outlet_id
              AND kind = 'article' AND id < id_20 AND id >= id_100) AS usual_words,
             (SELECT count(*) FROM articles WHERE articles.outlet_id = newest.outlet_id
              AND kind = 'article' AND id >= id_20
              AND julianday(published_at) > julianday(fetched_at) + 0.25 / 24) AS ahead
      FROM newest
    ),
    stuck AS MATERIALIZED (
      -- Pages found since the last article was read, of which each one failed.
      -- In SQLite error comes from the row that has the maximum.
      SELECT frontier.outlet_id, count(*) AS pages, sum(error LIKE '%robots.txt forbids%') AS forbidden,
             max(found_at), error
      FROM frontier JOIN pages USING (outlet_id)
      WHERE state IN ('queued', 'skipped', 'failed') AND error IS NOT NULL AND found_at > coalesce(last_article_at, '')
      GROUP BY frontier.outlet_id
    ),
    judged AS MATERIALIZED (
      SELECT outlets.id, outlets.name, outlets.enabled, pages.*, worst.url, worst.error, worst.failures, worst.sources,
             worst.dead, worst.last_checked_at, worst.last_success_at, worst.last_new_at, stuck.pages AS stuck,
             stuck.error AS stuck_error,
             julianday(worst.last_success_at)
               - julianday(max(coalesce(pages.published_at, ''), coalesce(worst.last_new_at, ''))) AS silent,
             CASE
               WHEN NOT outlets.enabled THEN 'off'
               WHEN worst.sources IS NULL THEN 'uncrawled'
               WHEN julianday(worst.last_checked_at) > julianday('now') + 1 / 24.0 THEN 'clock'
               WHEN worst.error LIKE '%certificate%' THEN 'certificate'
               WHEN worst.error LIKE '%robots.txt forbids%' OR stuck.forbidden >= 5 THEN 'robots'
               WHEN worst.dead THEN 'dead'
               WHEN pages.walls >= 5 THEN 'walls'
               WHEN stuck.pages >= 5 THEN 'pages'
               -- More than half way from the share that was usual to all of them.
               WHEN pages.unread * 1.0 / (pages.unread + 20)
                 > 0.5 + 0.5 * (pages.unread_ever - pages.unread) / (pages.articles - pages.unread - 19)
                 OR pages.words < pages.usual_words / 3 THEN 'yield'
               WHEN pages.ahead > 10 THEN 'ahead'
               WHEN julianday(worst.last_success_at)
                 - julianday(max(coalesce(pages.published_at, ''), coalesce(worst.last_new_at, '')))
                 > max(3 * pages.usual_gap, 1) THEN 'silent'
               WHEN worst.failures THEN 'failing'
               ELSE 'ok'
             END AS health
      FROM outlets JOIN pages ON pages.outlet_id = outlets.id
      LEFT JOIN worst ON worst.outlet_id = outlets.id
      LEFT JOIN stuck ON stuck.outlet_id = outlets.id
    )
    SELECT id, name, enabled, health, health NOT IN ('ok', 'failing', 'off', 'uncrawled') AS needs_person,
           CASE health
             WHEN 'off' THEN 'it is switched off'
             WHEN 'uncrawled' THEN 'it was never crawled'
             WHEN 'clock' THEN 'its last check is dated ' || last_checked_at
                               || ', which is to come: check the clock of this machine'
             WHEN 'certificate' THEN url || ' ' || error
             WHEN 'robots' THEN iif(error LIKE '%robots.txt forbids%', url || ': ' || error,
                                    'robots.txt forbids the last ' || stuck || ' pages found')
             WHEN 'dead' THEN iif(sources = 1, '', dead || ' of ' || sources || ' sources are dead: ')
                              || url || ' ' || error || ', ' || failures || ' times in a row'
             WHEN 'walls' THEN 'the last ' || walls || ' pages were consent or robot checks'
             WHEN 'pages' THEN 'none of the last ' || stuck || ' pages found could be read: ' || stuck_error
             WHEN 'yield' THEN iif(words < usual_words / 3,
               'articles have ' || CAST(words AS INTEGER) || ' words, where they had ' || CAST(usual_words AS INTEGER),
               'of the last ' || (unread + 20) || ' pages ' || unread || ' held no article')
             WHEN 'ahead' THEN 'of the last 20 articles ' || ahead
                               || ' are dated later than they were read: its clock is wrong'
             WHEN 'silent' THEN 'it answers, but brought nothing new for ' || CAST(round(silent * 24) AS INTEGER)
                                || ' hours; usual are ' || CAST(round(usual_gap * 24) AS INTEGER) || ' at most'
             WHEN 'failing' THEN url || ' ' || error
           END AS reason,
           articles, published_at AS newest_article_at, first_success_at, last_success_at, last_new_at,
           round(usual_gap * 24, 1) AS usual_gap_hours, round(silent * 24, 1) AS silent_hours,
           sources, failures, error
    FROM judged
    """


@migrations()
def m004_outlet_health(db: Database) -> None:
    """Say of each outlet in one word whether it works, and why not."""
    for index in ARTICLES_BY_KIND:
        db.execute(index)
    db.execute("DROP VIEW outlet_health")
    db.execute(OUTLET_HEALTH)


@migrations()
def m004_removed_texts(db: Database) -> None:
    """Tell a text that was removed to save space from one that was lost."""
    db.execute("""
        ALTER TABLE articles ADD COLUMN
          -- When the body was removed to save space, UTC; title, teaser and stories stay. NULL: it is stored.
          text_removed_at TEXT
    """)


# A match is stored once, under one of the two articles, and counts for both.
CLUSTER_MEMBERS = """
    CREATE VIEW cluster_members AS
    -- Who ran a story, in order, with minutes after the first and likeness to the member whose text is the nearest.
    SELECT articles.cluster_id, articles.id AS article_id, outlets.name AS outlet, outlets.kind, articles.title,
           articles.published_at,
           CAST(round((julianday(articles.published_at) - julianday(clusters.first_at)) * 1440) AS INTEGER)
             AS minutes_after_first,
           articles.agency, articles.words, articles.paywalled,
           CASE WHEN best.article_id = articles.id THEN best.matched_id ELSE best.article_id END AS matched_id,
           best.rule, best.containment, best.jaccard, articles.url
    FROM articles
    JOIN outlets ON outlets.id = articles.outlet_id
    JOIN clusters ON clusters.id = articles.cluster_id
    LEFT JOIN matches AS best ON (best.article_id, best.matched_id) = (
      SELECT article_id, matched_id FROM (
        SELECT * FROM matches WHERE matches.article_id = articles.id
        UNION ALL
        SELECT * FROM matches WHERE matches.matched_id = articles.id)
      ORDER BY containment DESC, article_id, matched_id LIMIT 1)
    ORDER BY articles.cluster_id, articles.published_at, articles.id
    """


@migrations()
def m005_search_box(db: Database) -> None:
    """Show the members of a cluster with their best match; let other tools see what the full-text index is of.

    sqlite-utils and Datasette look for content="article_texts" to the letter. Only white space changes, so the
    stored text is edited: to make a million articles searchable anew takes minutes.
    """
    db.execute("DROP VIEW cluster_members")
    db.execute(CLUSTER_MEMBERS)
    db.execute("PRAGMA writable_schema = ON")
    db.execute("""
        UPDATE sqlite_master SET sql = replace(sql, 'content = "article_texts"', 'content="article_texts"')
        WHERE type = 'table' AND name = 'article_texts_fts'
    """)
    db.execute("PRAGMA writable_schema = RESET")


MERGED_RUNS = [
    """
    ALTER TABLE runs ADD COLUMN
      -- Which other database it was of, before depeche merge brought it here; NULL: of this one.
      merged_from TEXT
    """,
    """
    ALTER TABLE runs ADD COLUMN
      -- Its id there.
      merged_id INTEGER
    """,
    "CREATE UNIQUE INDEX runs_merged ON runs (merged_from, merged_id, started_at) WHERE merged_from IS NOT NULL",
]


@migrations()
def m006_merged_runs(db: Database) -> None:
    """Tell the runs that came from other databases from those of this one."""
    for statement in MERGED_RUNS:
        db.execute(statement)


# The lists of stories in each order they are asked for: SQLite would sort half a million of them for the first twenty.
# The index on the last publication also holds what lists are most often narrowed by.
LISTS = [
    "DROP INDEX clusters_last_at",
    "CREATE INDEX clusters_last_at ON clusters (last_at, id, first_at, outlets, agency)",
    "CREATE INDEX clusters_first_at ON clusters (first_at)",
    "CREATE INDEX clusters_spread ON clusters ((julianday(last_at) - julianday(first_at)) * 1440)",
]


# Nothing else tells a hash that was damaged from one that was learnt.
CHECKSUM = "ALTER TABLE recurring_shingles ADD COLUMN checksum INTEGER"

# What columns that were added later hold: SQLite keeps a comment that stands within a column, and not before one.
ADDED = [
    ("feeds", "interval_minutes REAL", "Minutes between two requests, by the share of what was new in it."),
    ("feeds", "full_at TEXT", "When it was last asked for in full: some feeds answer 304 for ever."),
    ("frontier", "published_at TEXT", "Publication, UTC, as its feed or sitemap says; NULL: it does not say."),
    ("outlets", "opt_out TEXT", "Reservation against text and data mining in its robots.txt, in its words."),
    (
        "articles", "text_removed_at TEXT",
        "When the body was removed to save space, UTC; title, teaser and stories stay. NULL: it is stored.",
    ),
    (
        "runs", "merged_from TEXT",
        "Which other database it was of, before depeche merge brought it here; NULL: of this one.",
    ),
    ("runs", "merged_id INTEGER", "Its id there."),
    ("recurring_shingles", "checksum INTEGER", "CRC-32 of the hashes; NULL: learnt before it was kept."),
]  # fmt: skip

RECENT_CLUSTERS = """
    CREATE VIEW recent_clusters AS
    -- Stories carried by at least two publishers, the most recent first.
    SELECT clusters.id, clusters.title, clusters.outlets, clusters.articles, clusters.agency,
           clusters.first_at, clusters.last_at,
           CAST(round((julianday(clusters.last_at) - julianday(clusters.first_at)) * 1440) AS INTEGER)
           AS spread_minutes,
           outlets.name AS first_outlet, lead.language, lead.section
    FROM clusters
    LEFT JOIN articles AS first ON first.id = clusters.first_article_id
    LEFT JOIN outlets ON outlets.id = first.outlet_id
    LEFT JOIN articles AS lead ON lead.id = clusters.lead_article_id
    WHERE clusters.outlets >= 2
    ORDER BY clusters.last_at DESC
    """


@migrations()
def m007_lists(db: Database) -> None:
    """Index stories by the time of the first article and by how long they spread; say what added columns hold.

    Only white space and comments change in the stored text of the tables.
    """
    for statement in [*LISTS, CHECKSUM, "DROP VIEW recent_clusters", RECENT_CLUSTERS]:
        db.execute(statement)
    _say_what_they_hold(db, ADDED)


def _say_what_they_hold(db: Database, columns: list[tuple[str, str, str]]) -> None:
    db.execute("PRAGMA writable_schema = ON")
    for table, column, comment in columns:
        db.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
            [f", {column}", f",\n      -- {comment}\n      {column}", table],
        )
    db.execute("PRAGMA writable_schema = RESET")


@migrations()
def m008_article_checksum(db: Database) -> None:
    """Find damage to what is stored of an article besides its text. Rows of before get it when they next change."""
    db.execute("ALTER TABLE articles ADD COLUMN checksum INTEGER")
    comment = "CRC-32 of outlet_id to window_at, see storage/rows.py; NULL: stored before it was kept."
    _say_what_they_hold(db, [("articles", "checksum INTEGER", comment)])


# Minutes as clusters show has them: from the first article of a publisher, and none where only the day is known. The id
# of the outlet is there to be joined by, as in who_follows_whom.
CLUSTER_MEMBERS_IN_MINUTES = """
    CREATE VIEW cluster_members AS
    -- Who ran a story, in order, with minutes after the first and likeness to the member whose text is the nearest.
    SELECT articles.cluster_id, articles.id AS article_id, articles.outlet_id, outlets.name AS outlet, outlets.kind,
           articles.title, articles.published_at,
           CASE WHEN articles.published_at LIKE '%T%' AND first.published_at LIKE '%T%'
             THEN CAST(round((articles.window_at - first.window_at) / 60.0) AS INTEGER) END AS minutes_after_first,
           articles.agency, articles.words, articles.paywalled,
           CASE WHEN best.article_id = articles.id THEN best.matched_id ELSE best.article_id END AS matched_id,
           best.rule, best.containment, best.jaccard, articles.url
    FROM articles
    JOIN outlets ON outlets.id = articles.outlet_id
    JOIN clusters ON clusters.id = articles.cluster_id
    LEFT JOIN articles AS first ON first.id = clusters.first_article_id
    LEFT JOIN matches AS best ON (best.article_id, best.matched_id) = (
      SELECT article_id, matched_id FROM (
        SELECT * FROM matches WHERE matches.article_id = articles.id
        UNION ALL
        SELECT * FROM matches WHERE matches.matched_id = articles.id)
      ORDER BY containment DESC, article_id, matched_id LIMIT 1)
    ORDER BY articles.cluster_id, articles.window_at, articles.id
    """


@migrations()
def m009_minutes(db: Database) -> None:
    """Count minutes from the first article of a publisher, and leave them out where only the day is known.

    Say what is an id and what a name: both views have a column ``outlet``.
    """
    for name, view in (
        ("cluster_members", CLUSTER_MEMBERS_IN_MINUTES),
        ("who_follows_whom", WHO_FOLLOWS_WHOM.replace("earlier one.\n", "earlier one; by their ids.\n")),
    ):
        db.execute(f"DROP VIEW {name}")
        db.execute(view)


# What few stories or articles have is found by these; storage.narrowing and storage.headlines say how.
NARROWING = [
    "CREATE INDEX articles_language_section ON articles (language COLLATE NOCASE, section)",
    "CREATE INDEX articles_agency ON articles (agency COLLATE NOCASE) WHERE agency IS NOT NULL",
    """
    CREATE TABLE cluster_headlines (
      -- Of the clusters with ids from 512 times this on. Not there: written the next time a writer closes the database.
      number INTEGER PRIMARY KEY,
      -- 512 headlines, a line each, without case and accents: what a part of a headline is looked for in.
      lines TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TRIGGER clusters_headline AFTER UPDATE OF title ON clusters WHEN old.title IS NOT new.title BEGIN
      DELETE FROM cluster_headlines WHERE number = old.id / 512;
    END
    """,
]


@migrations()
def m010_narrowing(db: Database) -> None:
    """Let lists and searches find what few stories and articles have: a language, a section, an agency, a headline."""
    for statement in NARROWING:
        db.execute(statement)


@migrations()
def m011_bare_days(db: Database) -> None:
    """Let a story of which one outlet tells only the day begin and end when its articles do, that day at noon."""
    time = "coalesce(published_at, fetched_at)"
    meant = f"iif(length({time}) = 10, {time} || 'T12:00:00 ', {time})"
    told = (
        f"(SELECT replace({extreme}({meant}), 'T12:00:00 ', '') FROM articles WHERE cluster_id = clusters.id)"  # noqa: S608 - ours
        for extreme in ("min", "max")
    )
    db.execute(
        f"UPDATE clusters SET (first_at, last_at) = ({', '.join(told)}) WHERE articles > 1"  # noqa: S608
        " AND id IN (SELECT cluster_id FROM articles WHERE length(published_at) = 10 AND cluster_id IS NOT NULL)"
    )


# What many stories have in common, as sets; storage.facets says how.
FACETS = [
    "DROP TABLE cluster_headlines",
    """
    CREATE TABLE cluster_headlines (
      -- Of the clusters with ids from 512 times this on. Not there: written the next time a writer closes the database.
      number INTEGER PRIMARY KEY,
      -- 512 headlines, a line each, without case and accents: what a part of a headline is looked for in.
      lines TEXT NOT NULL,
      -- Where each line ends: bytes from the beginning, four little-endian bytes a number.
      ends BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE cluster_blocks (
      -- Of the clusters with ids from 512 times this on. Not there: written the next time a writer closes the database.
      number INTEGER PRIMARY KEY,
      -- Days on which the first of these stories began, and the last one ended.
      first_on TEXT,
      last_on TEXT
    ) STRICT
    """,
    """
    CREATE TABLE cluster_facets (
      -- As in cluster_blocks; where there is no such row, this one is out of date.
      number INTEGER NOT NULL,
      -- outlet, country: of an article; language, section: of the lead article; agency; outlets: at least so many.
      kind TEXT NOT NULL,
      -- In lower case, a section without accents too.
      value TEXT NOT NULL,
      -- Which of the 512 have it, little-endian: 64 bytes are a bit for each, fewer are two bytes for each that has it.
      stories BLOB NOT NULL,
      PRIMARY KEY (number, kind, value)
    ) STRICT, WITHOUT ROWID
    """,
    # None of them fires where an article is inserted, or is written by a statement that may insert: SQLite would then
    # keep a copy of every page it changes.
    """
    CREATE TRIGGER articles_block AFTER UPDATE OF cluster_id ON articles WHEN new.cluster_id IS NOT old.cluster_id BEGIN
      DELETE FROM cluster_blocks WHERE number = new.cluster_id / 512;
    END
    """,
    """
    CREATE TRIGGER articles_lead_block AFTER UPDATE OF language, section ON articles
    WHEN new.language IS NOT old.language OR new.section IS NOT old.section BEGIN
      DELETE FROM cluster_blocks WHERE number IN (SELECT id / 512 FROM clusters WHERE lead_article_id = new.id);
    END
    """,
    """
    CREATE TRIGGER clusters_block AFTER UPDATE OF agency, outlets, first_at, last_at, lead_article_id ON clusters
    WHEN (new.agency, new.outlets, new.first_at, new.last_at, new.lead_article_id)
      IS NOT (old.agency, old.outlets, old.first_at, old.last_at, old.lead_article_id) BEGIN
      DELETE FROM cluster_blocks WHERE number = new.id / 512;
    END
    """,
    """
    CREATE TRIGGER outlets_block AFTER UPDATE OF country ON outlets WHEN new.country IS NOT old.country BEGIN
      DELETE FROM cluster_blocks;
    END
    """,
]


@migrations()
def m012_facets(db: Database) -> None:
    """Let lists find what many stories have, and hardly one together with something else."""
    for statement in FACETS:
        db.execute(statement)


@migrations()
def m013_frontier_checksum(db: Database) -> None:
    """Tell when an address that waits in the frontier is damaged: nothing else tells what it was."""
    db.execute("ALTER TABLE frontier ADD COLUMN checksum INTEGER")
    comment = "CRC-32 of the address as UTF-8; NULL: noted before it was kept."
    _say_what_they_hold(db, [("frontier", "checksum INTEGER", comment)])
