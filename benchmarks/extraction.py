"""Accuracy and cost of the extractor on sets of saved pages, beside other extractors in the same run.

usage: python benchmarks/extraction.py [DATA] --scorer SCORER [--set NAME ...]
           [--peer-python PYTHON] [--peer NAME ...] [--ablation] [--fields] [--out FOLDER]

DATA (default: the environment variable DEPECHE_DATA) holds one folder a set, each with manifest.jsonl and
html/<id>.html.gz. SCORER is called as ``SCORER SET PREDICTIONS`` and prints one JSON object. The peers run
in another environment, one process for each, because their dependencies do not go together with ours.
Times are CPU milliseconds a page: parsing, fields and text, the input already read from disk.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crawler.extract import PageRefused, article, blocks, body, filters, lede, page, phrases, to_dict  # noqa: E402
from crawler.extract.text import fold  # noqa: E402

FETCHED = "2026-11-01T00:00:00+00:00"
FIELDS = (
    "title", "lede", "published_at", "updated_at", "authors", "agency", "section", "keywords", "language", "image",
    "paywalled",
)  # fmt: skip
PEERS = (
    "trafilatura", "trafilatura-fast", "trafilatura-precision", "readability-lxml", "newspaper4k", "news-please",
    "resiliparse", "extruct", "htmldate",
)  # fmt: skip
SCORES = (
    "precision",
    "recall",
    "f1",
    "page_f1",
    "segments_found",
    "segments_avoided",
    "title",
    "date",
    "authors",
    "keywords",
)
# What takes the place of a function or a limit, to leave a rule out that is not one of filters.RULES.
INSTEAD: dict[str, tuple[Any, str, Any]] = {
    "text marked as the article's": (body, "_marked", lambda _page, _sums, best: best),
    "first of several articles": (body, "_first_of_several", lambda _page, _sums, best: best),
    "headline begins the article": (filters, "begin", lambda _page, first, _last, _headline: first),
    "count of comments ends it": (phrases, "counts_comments", lambda _text: False),
    "flags given back": (filters, "give_back", lambda _page: None),
    "rescue from elements left open": (blocks, "RESCUED_CHARS", sys.maxsize),
    "last resort": (page, "LAST_RESORT", sys.maxsize),
    "long headings are paragraphs": (blocks, "MAX_HEADING", sys.maxsize),
    "lede apart": (lede, "find", lambda *_: (None, None)),
    "no rule may drop most of the text": (filters, "MAX_LOST_SHARE", 1.0),
}
RULES = (*filters.RULES, "end", "biography", "teaser")


def pages(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield id, address and body of the pages of a set, one after the other: memory is measured too."""
    for text in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(text)
        yield row["id"], row.get("url") or "", gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes())


def own(folder: Path, predictions: Path) -> dict[str, Any]:
    """Extract a set with this project; write the predictions, return the times."""
    times = []
    refused = 0
    with predictions.open("w", encoding="utf-8") as out:
        for name, url, body in pages(folder):
            start = time.process_time()
            try:
                fields = to_dict(article(body, url=url, fetched_at=FETCHED))
            except PageRefused:
                fields, refused = {}, refused + 1
            times.append(time.process_time() - start)
            out.write(json.dumps({"file": name, **fields}, ensure_ascii=False) + "\n")
    return {"times": times, "errors": refused, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def own_process(folder: Path, predictions: Path) -> dict[str, Any]:
    """Do the same in a process of its own, so that memory is counted as it is for the peers."""
    return _child([sys.executable, __file__, "--own", str(folder), str(predictions)])


def peer(python: str, tool: str, folder: Path, predictions: Path) -> dict[str, Any]:
    """Extract a set with another tool, in its own environment."""
    script = Path(__file__).with_name("extraction_peers.py")
    return _child([python, str(script), str(folder), tool, str(predictions)])


def _child(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["no output"])[-1]}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def score(scorer: str, folder: Path, predictions: Path) -> dict[str, Any]:
    """Return what the scorer prints of a set of predictions."""
    done = subprocess.run(
        [sys.executable, scorer, str(folder), str(predictions)], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def line(tool: str, figures: dict[str, Any], scores: dict[str, Any]) -> str:
    """One row of the table."""
    if "failed" in figures:
        return f"| {tool} | failed: {figures['failed'][:100]} |"
    times = sorted(1000 * value for value in figures["times"])
    cost = [statistics.mean(times), statistics.median(times), times[int(0.95 * (len(times) - 1))]]
    shown = ["" if scores.get(key) is None else f"{scores[key]:.3f}" for key in SCORES]
    return (
        f"| {tool} | {' | '.join(shown)} | {' | '.join(f'{value:.1f}' for value in cost)} | {figures['rss'] // 1024} |"
    )


def show_fields(folder: Path, predictions: Path) -> None:
    """Print how many pages of a set have each field, and how often language and lede are those of the manifest."""
    own(folder, predictions)
    found = [json.loads(text) for text in predictions.read_text(encoding="utf-8").splitlines()]
    rows = [json.loads(text) for text in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    shares = [statistics.mean(record.get(name) not in (None, "", []) for record in found) for name in FIELDS]
    clock = statistics.mean("T" in (record.get("published_at") or "") for record in found)
    pairs = list(zip(rows, found, strict=True))
    right = [row["lang"][:2] == (record.get("language") or "")[:2] for row, record in pairs if row.get("lang")]
    ledes = [
        fold(row["lede"])[:60] in fold(f"{record.get('lede')} {record.get('text')}"[:3_000])
        for row, record in pairs if row.get("lede")
    ]  # fmt: skip
    print(f"| {folder.name} | " + " | ".join(f"{100 * share:.0f}" for share in shares) + f" | {100 * clock:.0f} | "
          + " | ".join(f"{100 * statistics.mean(some):.0f} of {len(some)}" if some else "" for some in (right, ledes))
          + " |")  # fmt: skip


@contextlib.contextmanager
def without(rule: str) -> Iterator[None]:
    """Leave one rule out, for as long as the context lasts."""
    module, name, value = INSTEAD.get(rule) or (
        filters, "keep", functools.partial(filters.keep, skipped=frozenset((rule,)))
    )  # fmt: skip
    former = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, former)


def ablation(folders: list[Path], scorer: str, out: Path) -> None:
    """Print what each rule gains and costs: the scores of the sets, and CPU ms a page, without it."""
    print("| without | " + " | ".join(folder.name for folder in folders) + " | ms |")
    print("|---|" + "---|" * (len(folders) + 1))
    for rule in ("nothing", *RULES, *INSTEAD):
        shown = []
        times: list[float] = []
        with without(rule):
            for folder in folders:
                predictions = out / f"{folder.name}-without-{rule.replace(' ', '-')}.jsonl"
                times += own(folder, predictions)["times"]
                scores = score(scorer, folder, predictions)
                keys = ("segments_found", "segments_avoided") if scores["f1"] is None else ("f1", "page_f1")
                shown.append(" / ".join(f"{scores[key]:.4f}" for key in keys))
        print(f"| {rule} | {' | '.join(shown)} | {1000 * statistics.mean(times):.1f} |", flush=True)


def main() -> int:
    """Run what the arguments ask for; 2 when there is nothing to run it on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default=os.environ.get("DEPECHE_DATA"))
    parser.add_argument("--scorer", help="program that prints the scores of a set and its predictions as JSON")
    parser.add_argument("--set", action="append", help="name of a set; default: all")
    parser.add_argument("--peer-python", help="Python of the environment the other extractors are installed in")
    parser.add_argument("--peer", action="append", choices=PEERS, help="default: all")
    parser.add_argument("--ablation", action="store_true", help="leave out one rule after the other")
    parser.add_argument("--fields", action="store_true", help="how many pages have each field, in per cent")
    parser.add_argument("--out", type=Path, help="folder for the predictions; default: a temporary one")
    parser.add_argument("--own", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.own:
        print(json.dumps(own(*options.own)))
        return 0
    if not options.data or not Path(options.data).is_dir():
        print("No data: give the folder with the sets, or set DEPECHE_DATA to it.", file=sys.stderr)
        return 2
    if not options.scorer:
        print("No scorer: give the program that compares predictions with a set, --scorer PATH.", file=sys.stderr)
        return 2
    sets = sorted(path.parent for path in Path(options.data).glob("*/manifest.jsonl"))
    sets = [folder for folder in sets if not options.set or folder.name in options.set]
    with tempfile.TemporaryDirectory() as temporary:
        out = options.out or Path(temporary)
        out.mkdir(parents=True, exist_ok=True)
        if options.fields:
            print(f"| set | {' | '.join(FIELDS)} | with a time | language right | lede found |\n{'|---' * 15}|")
            for folder in sets:
                show_fields(folder, out / f"{folder.name}-fields.jsonl")
            return 0
        if options.ablation:
            ablation(sets, options.scorer, out)
            return 0
        for folder in sets:
            print(f"\n## {folder.name}\n\n| tool | {' | '.join(SCORES)} | ms mean | median | p95 | MiB |")
            print(f"|{'---|' * (len(SCORES) + 5)}")
            for tool in ("depeche", *((options.peer or PEERS) if options.peer_python else ())):
                predictions = out / f"{folder.name}-{tool}.jsonl"
                figures = own_process(folder, predictions) if tool == "depeche" else peer(
                    options.peer_python, tool, folder, predictions
                )  # fmt: skip
                print(
                    line(tool, figures, {} if "failed" in figures else score(options.scorer, folder, predictions)),
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
