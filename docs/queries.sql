-- Questions people ask of the database. Each begins with its title and what to know about the answer.

-- # Who had it first?
-- Stories of at least two publishers, by the outlet that ran them first; a tie to the minute is nobody's.
SELECT outlets.name AS outlet, count(*) AS first_with
FROM clusters
JOIN articles AS first ON first.id = clusters.first_article_id
JOIN outlets ON outlets.id = first.outlet_id
WHERE clusters.outlets >= 2 AND outlets.kind = 'publisher' AND first.published_at LIKE '%T%'
  AND NOT EXISTS (SELECT 1 FROM articles AS other WHERE other.cluster_id = clusters.id
                  AND other.outlet_id <> first.outlet_id AND other.window_at < first.window_at + 60)
GROUP BY outlets.id
ORDER BY first_with DESC, outlet;

-- # Who runs most AFP dispatches?
-- Articles that credit the agency themselves; put another name for AFP.
SELECT outlets.name AS outlet, count(*) AS dispatches
FROM articles JOIN outlets ON outlets.id = articles.outlet_id
WHERE articles.agency = 'AFP'
GROUP BY outlets.id
ORDER BY dispatches DESC, outlet;

-- # What did each one change?
-- The story most outlets carried: how much of the text each shares with the one it is nearest to.
SELECT outlet, minutes_after_first AS minutes, title, words, CAST(round(100 * containment) AS INTEGER) AS percent_shared
FROM cluster_members
WHERE cluster_id = (SELECT id FROM clusters ORDER BY outlets DESC, last_at DESC LIMIT 1)
ORDER BY minutes_after_first, article_id;

-- # Which outlets are the fastest?
-- Minutes after the first, on average over the stories an outlet shared with others.
SELECT outlet, count(*) AS stories, CAST(round(avg(minutes_after_first)) AS INTEGER) AS minutes_on_average
FROM cluster_members JOIN clusters ON clusters.id = cluster_members.cluster_id
WHERE clusters.outlets >= 2 AND cluster_members.published_at LIKE '%T%'
GROUP BY outlet
ORDER BY minutes_on_average, outlet;

-- # Which stories did nobody else have?
-- The latest articles that share no text with any other outlet's.
SELECT outlets.name AS outlet, articles.published_at, articles.title
FROM articles
JOIN clusters ON clusters.id = articles.cluster_id
JOIN outlets ON outlets.id = articles.outlet_id
WHERE clusters.outlets = 1
ORDER BY articles.published_at DESC, articles.id
LIMIT 20;

-- # What was updated or corrected after publication?
-- Articles whose text changed while they were watched, with the headline they had at first.
SELECT outlets.name AS outlet, count(*) AS changes, min(former.title) AS headline_before, articles.title AS headline_now
FROM article_versions AS former
JOIN articles ON articles.id = former.article_id
JOIN outlets ON outlets.id = articles.outlet_id
GROUP BY articles.id
ORDER BY changes DESC, articles.id;

-- # Which outlets have fallen silent?
-- Hours between an outlet's newest article and the newest of all.
SELECT outlets.name AS outlet, max(articles.published_at) AS newest,
       CAST(round((julianday((SELECT max(published_at) FROM articles)) - julianday(max(articles.published_at))) * 24)
         AS INTEGER) AS hours_behind
FROM outlets LEFT JOIN articles ON articles.outlet_id = outlets.id
WHERE outlets.enabled
GROUP BY outlets.id
ORDER BY newest IS NOT NULL, newest, outlet;

-- # How much of an outlet is agency copy?
-- Percent of its articles that credit an agency.
SELECT outlets.name AS outlet, count(*) AS articles,
       CAST(round(100.0 * count(articles.agency) / count(*)) AS INTEGER) AS percent_agency
FROM articles JOIN outlets ON outlets.id = articles.outlet_id
WHERE articles.kind = 'article'
GROUP BY outlets.id
ORDER BY percent_agency DESC, outlet;

-- # Who rewrites the headlines and keeps the text?
-- At least 80 % of the text shared under the least alike headlines.
SELECT a.title, b.title AS nearest_to, round(matches.headline, 2) AS headlines_alike,
       CAST(round(100 * matches.containment) AS INTEGER) AS percent_shared
FROM matches
JOIN articles AS a ON a.id = matches.article_id
JOIN articles AS b ON b.id = matches.matched_id
WHERE matches.containment >= 0.8 AND a.outlet_id <> b.outlet_id
ORDER BY matches.headline, a.id
LIMIT 5;

-- # How fast do stories spread?
-- Stories by the time between the first and the last article of them.
SELECT CASE WHEN minutes < 15 THEN '1: under 15 minutes' WHEN minutes < 60 THEN '2: under an hour'
            WHEN minutes < 360 THEN '3: under 6 hours' ELSE '4: longer' END AS spread,
       count(*) AS stories, CAST(round(avg(outlets), 0) AS INTEGER) AS outlets_on_average
FROM (SELECT outlets, (julianday(last_at) - julianday(first_at)) * 1440 AS minutes FROM clusters WHERE outlets >= 2)
GROUP BY spread
ORDER BY spread;
