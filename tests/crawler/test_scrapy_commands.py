"""scrapy list and scrapy crawl work from the checkout."""

import subprocess
import sys

import pytest

from tests.crawler.crawling import BODY, ROOT, new_database, rows
from tests.crawler.server import Server, page, rss


def scrapy(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_list_names_the_one_spider():
    done = scrapy("list")
    assert (done.returncode, done.stdout) == (0, "outlets\n")


def test_crawl_takes_outlets_and_database_as_arguments(tmp_path):
    db = new_database(tmp_path / "news.db")
    with Server(
        {"/une-page-du-jour-1": page("Une page", *BODY), "/feed": rss(("/une-page-du-jour-1", "Une page"))}
    ) as s:
        file = tmp_path / "outlets.toml"
        file.write_text(
            f'[[outlet]]\nid = "matinal"\nname = "Le Matinal"\nlocal = true\ndelay = 0\nfeeds = ["{s.url}/feed"]\n'
            '[[outlet]]\nid = "autre"\nname = "Autre"\nfeeds = ["http://127.0.0.1:9/feed"]\n'
        )
        done = scrapy("crawl", "outlets", "-a", "only=matinal", "-a", f"db={db}", "-a", f"outlets={file}")
    assert "Traceback" not in done.stderr
    assert rows(db, "SELECT outlet_id, title FROM articles") == [("matinal", "Une page")]
    assert "RemoteControl" not in done.stderr
    assert "telnet" not in done.stderr.lower().replace("telnetconsole_enabled", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["only=matinall"], "no outlet 'matinall'; did you mean matinal?"),
        (["outlets=nothing.toml"], "nothing.toml: no such file; make one with: depeche init"),
        (["shard=3/2"], "'3/2' is not a shard: of 2 the first is 1/2, the last 2/2"),
        (["db=nothing.db"], "there is no database nothing.db: make one with: depeche init"),
    ],
)
def test_what_cannot_start_says_why_in_one_line(tmp_path, arguments, message):
    db = new_database(tmp_path / "news.db")
    file = tmp_path / "outlets.toml"
    file.write_text('[[outlet]]\nid = "matinal"\nname = "Le Matinal"\n')
    given = [f"db={db}", f"outlets={file}", *arguments]
    done = scrapy("crawl", "outlets", *[word for argument in given for word in ("-a", argument)])
    (line,) = [line for line in done.stderr.splitlines() if "] ERROR:" in line]
    assert message in line
    assert "Traceback" not in done.stderr
    assert not (ROOT / "nothing.db.lock").exists()
