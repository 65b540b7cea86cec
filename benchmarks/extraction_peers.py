"""One other extractor over one set: predictions to a file, CPU time to stdout. Runs in the peers' environment.

usage: PEER_PYTHON extraction_peers.py SET_DIR TOOL PREDICTIONS_NL

Each library is imported by its own function, so that one run carries the memory of one tool.
"""

from __future__ import annotations

import gzip
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Fields = dict[str, Any]
Extractor = Callable[[str, str], Fields]


def trafilatura(**options: bool) -> Extractor:
    """Return trafilatura with metadata and the given mode."""
    import trafilatura as library  # noqa: PLC0415

    def run(html: str, url: str) -> Fields:
        found = library.bare_extraction(html, url=url or None, with_metadata=True, include_comments=False, **options)
        if found is None:
            return {}
        record = found.as_dict() if hasattr(found, "as_dict") else found
        return {
            "title": record.get("title"),
            "text": record.get("text"),
            "published_at": record.get("date"),
            "authors": [name.strip() for name in (record.get("author") or "").split(";") if name.strip()],
            "keywords": record.get("tags") or [],
        }

    return run


def readability() -> Extractor:
    """Return readability-lxml: title and the text of its summary."""
    from lxml import html as lxml_html  # noqa: PLC0415
    from readability import Document  # noqa: PLC0415

    def run(html: str, url: str) -> Fields:  # noqa: ARG001
        document = Document(html)
        summary = document.summary(html_partial=True)
        return {"title": document.short_title(), "text": " ".join(lxml_html.fromstring(summary).itertext())}

    return run


def newspaper4k() -> Extractor:
    """Return newspaper4k with its default configuration."""
    import newspaper  # noqa: PLC0415

    def run(html: str, url: str) -> Fields:
        found = newspaper.Article(url or "https://example.org/a", fetch_images=False)
        found.download(input_html=html)
        found.parse()
        return {
            "title": found.title,
            "text": found.text,
            "authors": found.authors,
            "published_at": found.publish_date.isoformat() if found.publish_date else None,
            "keywords": sorted(found.meta_keywords),
        }

    return run


def news_please() -> Extractor:
    """Return news-please reading a page it is given."""
    from newsplease import NewsPlease  # noqa: PLC0415

    def run(html: str, url: str) -> Fields:
        found = NewsPlease.from_html(html, url=url or None)
        return {
            "title": found.title,
            "lede": found.description,
            "text": found.maintext,
            "authors": found.authors,
            "published_at": found.date_publish.isoformat() if found.date_publish else None,
        }

    return run


def extruct() -> Extractor:
    """Return extruct: the fields of JSON-LD, microdata and Open Graph, no text."""
    import extruct as library  # noqa: PLC0415

    def run(html: str, url: str) -> Fields:
        data = library.extract(
            html, base_url=url or None, syntaxes=["json-ld", "microdata", "opengraph"], uniform=True, errors="ignore"
        )
        found: Fields = {}
        items = [item for syntax in ("json-ld", "microdata", "opengraph") for item in data.get(syntax, ())]
        items = [inner for item in items for inner in (item, *as_list(item.get("@graph")))]
        for item in items:
            if "article" not in str(item.get("@type", "")).lower() and "headline" not in item:
                continue
            keywords = item.get("keywords") or item.get("article:tag")
            names = [name for name in map(name_of, as_list(item.get("author"))) if name]
            for field, value in (
                ("title", item.get("headline") or item.get("og:title")),
                ("published_at", item.get("datePublished") or item.get("article:published_time")),
                ("authors", names),
                ("keywords", keywords.split(",") if isinstance(keywords, str) else keywords),
            ):
                if value and not found.get(field):
                    found[field] = value
        return found

    return run


def as_list(value: Any) -> list[Any]:
    """Return a value of structured data as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def name_of(author: Any) -> str | None:
    """Return the name of an author in structured data."""
    name = author.get("name") if isinstance(author, dict) else author
    return name if isinstance(name, str) else None


def htmldate() -> Extractor:
    """Return htmldate: the day of publication."""
    from htmldate import find_date  # noqa: PLC0415

    def run(html: str, url: str) -> Fields:
        return {"published_at": find_date(html, url=url or None, original_date=True)}

    return run


def resiliparse() -> Extractor:
    """Return Resiliparse's main content with the options that gave it its best figures."""
    from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415

    def run(html: str, url: str) -> Fields:  # noqa: ARG001
        text = extract_plain_text(
            html, main_content=True, alt_texts=False, comments=False, post_meta=False, list_bullets=False
        )
        return {"text": text}

    return run


TOOLS: dict[str, Callable[[], Extractor]] = {
    "trafilatura": trafilatura,
    "trafilatura-fast": lambda: trafilatura(fast=True),
    "trafilatura-precision": lambda: trafilatura(favor_precision=True),
    "readability-lxml": readability,
    "newspaper4k": newspaper4k,
    "news-please": news_please,
    "resiliparse": resiliparse,
    "extruct": extruct,
    "htmldate": htmldate,
}


def main() -> None:
    """Extract every page of a set with one tool."""
    folder, tool, target = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    extract = TOOLS[tool]()
    times = []
    errors = 0
    with target.open("w", encoding="utf-8") as out:
        for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            html = gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()).decode("utf-8", "replace")
            start = time.process_time()
            try:
                fields = extract(html, row.get("url") or "")
            except Exception as error:  # noqa: BLE001  (a peer's failure is a result)
                fields, errors = {}, errors + 1
                print(f"{tool}: {row['id']}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
            times.append(time.process_time() - start)
            out.write(json.dumps({"file": row["id"], **fields}, ensure_ascii=False, default=str) + "\n")
    print(json.dumps({"times": times, "errors": errors, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


if __name__ == "__main__":
    main()
