"""Print what the program says of itself into the docs: --help, the schema, the catalogue of outlets.

python docs/generate.py           writes docs/cli.md, docs/schema.md and docs/outlets.md
python docs/generate.py --check   changes nothing; exit code 1 names each file that is not as it would be
"""

from __future__ import annotations

import re
import sqlite3
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
from sqlite_utils import Database

from cli.main import program
from crawler.outlets import catalogue
from storage.database import close, open_for_reading, open_for_writing
from storage.imports import load
from storage.migrations import migrations

DOCS = Path(__file__).parent
NOTE = "<!-- Written by docs/generate.py; edit what it is printed from. -->\n"
WIDTH = 100


def main(arguments: list[str]) -> int:
    """Write the files, or with --check compare them; return the exit code."""
    stale = []
    for name, text in (("cli.md", cli()), ("schema.md", schema()), ("outlets.md", outlets())):
        path = DOCS / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(f"docs/{name}")
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        sys.stderr.write(f"not up to date: {', '.join(stale)}; run: python3 run.py docs\n")
        return 1
    return 0


def cli() -> str:
    """Return the page of commands: what --help prints for each."""
    lines = [
        "# Commands\n",
        NOTE,
        "Data goes to standard output, everything else to standard error. On a terminal data is a table; piped",
        "it is TSV with a line of names, times in UTC, nothing cut. `--json`, `--nl` and `--csv` choose another",
        "form. In tables, and in what you give to `--since` and `--until`, times without a zone are in yours (`TZ`).\n",
        "Options can be given for good in `./depeche.toml`, or in `depeche/config.toml` of your configuration folder:",
        '`contact = "https://…"` at the top for every command that has the option, `[crawl]` or `[clusters.list]`',
        "for one. The command line comes first, then the environment, then the file; `depeche config show` tells.\n",
        "| exit code | means |",
        "| --- | --- |",
        "| 0 | all well; an empty list is an answer |",
        "| 1 | failed: one line on standard error says what and how to mend it |",
        "| 2 | wrong usage |",
        "| 3 | done, but some outlets failed, some lines of a file could not be used, or something needs a person |",
        "| 75 | another run is at work on this database: try again later |",
        "| 130 | interrupted; what was stored before is kept |\n",
    ]
    for path, context in _commands(_context(program, "depeche")):
        lines += [f"## {path}\n", "```text", context.command.get_help(context).rstrip(), "```\n"]
    return "\n".join(lines)


def schema() -> str:
    """Return the page of tables and views: columns with the comments of the schema itself."""
    conn = sqlite3.connect(":memory:")
    try:
        migrations.apply(Database(conn))
        rows = conn.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'view')"
            " AND name NOT LIKE '\\_sqlite%' ESCAPE '\\' AND name NOT GLOB 'article_texts_fts_*' ORDER BY rowid"
        ).fetchall()
        lines = [
            "# Schema\n",
            NOTE,
            "One SQLite file holds everything. Open it with any tool, for example `sqlite3 news.db .schema`,",
            "`sqlite-utils` or Datasette; write to it only through `depeche`. Times are ISO 8601 in UTC.",
            "How the terms are meant is in [glossary.md](glossary.md).\n",
            "## Tables\n",
        ]
        tables = [(name, sql) for kind, name, sql in rows if kind == "table"]
        views = [(name, sql) for kind, name, sql in rows if kind == "view"]
        for name, sql in tables:
            lines += [f"### {name}\n", *_columns(conn, name, sql), ""]
        lines.append("## Views\n")
        for name, sql in views:
            about = re.search(r"\bAS\n((?:\s*-- .*\n)+)", sql)  # further comments are for who reads the SQL
            lines += [f"### {name}\n", " ".join(re.findall(r"-- (.*)", about[1] if about else "")) + "\n"]
            lines += ["`" + "`, `".join(_names(conn, name)) + "`\n"]
    finally:
        conn.close()
    return "\n".join([*lines, *questions()])


def questions() -> list[str]:
    """Return the queries of queries.sql, each with what it answers about the articles of sample.jsonl."""
    lines = [
        "## Questions\n",
        "In `docs/queries.sql`, for `depeche sql` or any other tool. Below each is what it says of sixteen invented",
        "lines of JSON (`docs/sample.jsonl`); on a million articles each takes some seconds at most.\n",
    ]
    with tempfile.TemporaryDirectory() as folder, closing(sample(Path(folder) / "news.db")) as conn:
        for title, about, sql in queries():
            answer = conn.execute(sql)
            names = [column[0] for column in answer.description]
            lines += [f"### {title}\n", about + "\n", "```sql", sql, "```\n"]
            lines += ["| " + " | ".join(names) + " |", "| " + " | ".join("---" for _ in names) + " |"]
            lines += ["| " + " | ".join("" if cell is None else str(cell) for cell in row) + " |" for row in answer]
            lines.append("")
    return lines


def queries() -> list[tuple[str, str, str]]:
    """Return (title, what to know, SQL) of each query of queries.sql."""
    found = []
    for block in (DOCS / "queries.sql").read_text(encoding="utf-8").split("-- # ")[1:]:
        title, *rest = block.strip().splitlines()
        about = [line.removeprefix("-- ") for line in rest if line.startswith("-- ")]
        found.append((title, " ".join(about), "\n".join(line for line in rest if not line.startswith("-- "))))
    return found


def sample(path: Path) -> sqlite3.Connection:
    """Return a connection to a new database of the articles of sample.jsonl."""
    db = open_for_writing(path, create=True)
    load(db, [str(DOCS / "sample.jsonl")])
    close(db)
    return open_for_reading(path)


def outlets() -> str:
    """Return the page of the catalogue."""
    by_country = defaultdict(list)
    for outlet in catalogue():
        by_country[outlet.country or ""].append(outlet)
    lines = [
        "# Catalogue of outlets\n",
        NOTE,
        f"{sum(map(len, by_country.values()))} outlets to choose from with `depeche init`. The addresses come from",
        "public documentation, each entry of `crawler/catalogue.toml` says from which; none was fetched for this",
        "list. Read the terms of use of an outlet before you crawl it.\n",
        "| country | id | name | language | kind | feeds | sitemaps | sections |",
        "| --- | --- | --- | --- | --- | ---: | ---: | ---: |",
    ]
    for country, group in sorted(by_country.items()):
        for outlet in sorted(group, key=lambda one: one.id):
            counts = " | ".join(str(len(part)) for part in (outlet.feeds, outlet.sitemaps, outlet.sections))
            home = f"[{outlet.name}]({outlet.home})" if outlet.home else outlet.name
            lines.append(f"| {country} | `{outlet.id}` | {home} | {outlet.language or ''} | {outlet.kind} | {counts} |")
    return "\n".join(lines) + "\n"


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    return click.Context(
        command, parent, name, help_option_names=["-h", "--help"], terminal_width=WIDTH, max_content_width=WIDTH
    )


def _commands(context: click.Context) -> Iterator[tuple[str, click.Context]]:
    """Yield every command with its full name, groups before their own."""
    yield context.command_path, context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None:
                yield from _commands(_context(command, name, context))


def _columns(conn: sqlite3.Connection, table: str, sql: str) -> list[str]:
    """Return a table's columns as a Markdown table, each with the comment on the lines before it."""
    if sql.lstrip().upper().startswith("CREATE VIRTUAL"):
        return ["Full-text index over `" + "`, `".join(_names(conn, table)) + "`; accents and case are folded."]
    comments = _comments(sql)
    lines = ["| column | type | | what it holds |", "| --- | --- | --- | --- |"]
    keys = {row[3]: f"{row[2]}.{row[4]}" for row in conn.execute("SELECT * FROM pragma_foreign_key_list(?)", (table,))}
    for row in conn.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (table,)):
        name, kind, required, key = row
        marks = ["key" if key else "", "required" if required and not key else ""]
        marks.append(f"→ {keys[name]}" if name in keys else "")
        said = comments.get(name, "").replace("|", "\\|")
        lines.append(f"| `{name}` | {kind} | {', '.join(filter(None, marks))} | {said} |")
    return lines


def _comments(sql: str) -> dict[str, str]:
    """Return what the comment lines before each column say."""
    comments: dict[str, str] = {}
    pending: list[str] = []
    for line in sql.splitlines():
        if found := re.match(r"\s*-- (.*)", line):
            pending.append(found[1])
        elif found := re.match(r"\s*\"?(\w+)\"?\s+(?:TEXT|INTEGER|REAL|BLOB)\b", line):
            comments[found[1]] = " ".join(pending)
            pending = []
    return comments


def _names(conn: sqlite3.Connection, table: str) -> list[str]:
    return [row[0] for row in conn.execute("SELECT name FROM pragma_table_info(?)", (table,))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
