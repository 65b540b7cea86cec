"""How well clusters agree with labelled pairs: ``run.py bench quality [DATA] [--ablation] [--errors N]``.

DATA (default: the environment variable DEPECHE_DATA) holds the labelled sets, each a folder with
articles.jsonl.gz and pairs.tsv, and the program score_clusters.py (there or one folder above). Each set goes
through ``depeche import`` with default parameters into a database of its own, which that program scores.
``--ablation`` leaves out one rule after the other (in memory, by the same calls), ``--errors`` prints the worst
wrong links and missed pairs.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import _memory

from dedup import documents as deciding
from dedup import headline as heads
from dedup.params import DEFAULT, Params
from dedup.reading import Document

# Labels that have to be linked, and labels that may be either way, where a set says otherwise than D, W and S.
LABELS = {
    "fr_headlines": ("D", "E"),
    "rss_headline_teaser": ("W", "S"),
    "reuters_full_text": ("W", ""),
}
DEPECHE = [sys.executable, "-m", "cli"]


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """One labelled set, in memory."""

    name: str
    documents: list[Document]
    at: list[int]
    pairs: list[tuple[int, int, str]]  # numbers of documents, label
    must: frozenset[str]
    may: frozenset[str]


def through_the_program(folder: Path, scorer: Path) -> dict[str, Any]:
    """Import a set as a user would and return what the scorer says of the database."""
    must, may = LABELS.get(folder.name, ("D,W", "S"))
    with tempfile.TemporaryDirectory() as place:
        database = str(Path(place) / "news.db")
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        for command in (
            [*DEPECHE, "init", "--db", database],
            [*DEPECHE, "import", "--db", database, str(folder / "articles.jsonl.gz")],
        ):
            done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"{' '.join(command[2:4])}: {done.stderr.strip().splitlines()[-1]}")
        pairs = _answerable(folder, Path(place))
        command = [sys.executable, str(scorer), str(pairs), database, "--must", must, "--may", may]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{scorer.name}: {done.stderr.strip()}")
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def _answerable(folder: Path, place: Path) -> Path:
    """Return a copy of the pairs without those of which the set lacks an article: the scorer would refuse."""
    with gzip.open(folder / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        urls = {json.loads(line)["url"] for line in lines}
    head, *rows = (folder / "pairs.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row for row in rows if urls.issuperset(row.split("\t")[:2])]
    if len(kept) < len(rows):
        print(f"{folder.name}: {len(rows) - len(kept)} pairs left out, the set lacks one of their articles")
    copy = place / "pairs.tsv"
    copy.write_text(head + "".join(kept), encoding="utf-8")
    return copy


def load(folder: Path) -> Labelled:
    """Read a set; an article without a date gets the median of the others."""
    with gzip.open(folder / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    times = [_epoch(row["published"]) if row.get("published") else None for row in rows]
    known = sorted(time for time in times if time is not None)
    number = {row["url"]: i for i, row in enumerate(rows)}
    with (folder / "pairs.tsv").open(encoding="utf-8") as lines:
        labels = list(csv.DictReader(lines, delimiter="\t"))
    must, may = LABELS.get(folder.name, ("D,W", "S"))
    return Labelled(
        name=folder.name,
        documents=[
            Document(
                outlet=row["outlet"],
                headline=row.get("title") or "",
                text="\n".join(filter(None, (row.get("lede"), row.get("text")))),
            )
            for row in rows
        ],
        at=[known[len(known) // 2] if time is None else time for time in times],
        pairs=[
            (number[row["url_a"]], number[row["url_b"]], row["label"])
            for row in labels
            if row["url_a"] in number and row["url_b"] in number
        ],
        must=frozenset(must.split(",")),
        may=frozenset(filter(None, may.split(","))),
    )


def _epoch(time: str) -> int:
    at = datetime.fromisoformat(time)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def score(labelled: Labelled, labels: list[int]) -> tuple[float, float, float, int]:
    """Return precision, recall, F1 and wrong links, as the scorer counts them."""
    linked = Counter(label for a, b, label in labelled.pairs if labels[a] == labels[b])
    right = sum(linked[label] for label in labelled.must)
    wrong = sum(n for label, n in linked.items() if label not in labelled.must | labelled.may)
    wanted = sum(label in labelled.must for *_, label in labelled.pairs)
    precision = right / (right + wrong) if right + wrong else 0.0
    recall = right / wanted if wanted else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall or 1.0), wrong


# What is left out, and how: other parameters, or a constant or function of a module replaced.
RULES: tuple[tuple[str, dict[str, Any], tuple[tuple[Any, str, Any], ...]], ...] = (
    ("all rules", {}, ()),
    ("pair window of 72 hours", {"window_hours": 24 * 365}, ()),
    ("recurring text learnt", {"recurring": 1_000_000}, ()),
    ("figures of templates", {"figures": 1_000_000}, ()),
    ("series of one outlet", {}, ((deciding, "same_but_for_figures", lambda *_: False),)),
    ("headline decides for short texts", {"short_words": 0}, ()),
    ("headline and text together", {"containment_with_headline": 2.0}, ()),
    ("headline: penalties", {}, ((heads, "_PENALTY", 1.0),)),
    ("headline: kickers", {}, ((heads, "_kicker_end", lambda _: 0),)),
    ("headline: stems", {}, ((heads, "_STEM", 99),)),
    ("headline: nobody named", {}, ((heads, "_WORDS_WITHOUT_NAME", 0),)),
    ("headline: recurring phrases", {}, ((heads, "_RECURRING_WEIGHT", 1.0),)),
    ("headline: three shared words", {}, ((heads, "_WORDS", 0),)),
    ("teasers that contradict", {}, ((deciding, "contradict", lambda *_: False),)),
    ("pairs of words (triples instead)", {"k": 3}, ()),
)


@contextmanager
def without(rule: str) -> Iterator[Params]:
    """Give the parameters, and leave out one rule while the block runs."""
    changes, replaced = next((changes, replaced) for name, changes, replaced in RULES if name == rule)
    with ExitStack() as stack:
        for module, name, value in replaced:
            stack.enter_context(patch.object(module, name, value))
        yield replace(DEFAULT, **changes)


def ablation(sets: list[Labelled]) -> str:
    """Return a table: what is left of each score without each rule."""
    rows: list[list[object]] = []
    for rule, *_ in RULES:
        row: list[object] = [rule if not rows else f"without: {rule}"]
        for labelled in sets:
            with without(rule) as params:
                done = _memory.cluster(labelled.documents, labelled.at, params)
            precision, recall, f1, _ = score(labelled, done.labels)
            row += [f"{precision:.3f} {recall:.3f} {f1:.3f}", max(Counter(done.labels).values())]
        rows.append(row)
    head = ["rule"]
    for labelled in sets:
        head += [f"{labelled.name}: P R F1", "largest"]
    return _memory.table(head, rows)


def errors(labelled: Labelled, count: int) -> str:
    """Return the worst wrong links (the surest first) and missed pairs (the most alike first)."""
    done = _memory.cluster(labelled.documents, labelled.at)
    direct = {frozenset((a, b)): match for a, b, match in done.matches}
    rows = []
    for a, b, label in labelled.pairs:
        same = done.labels[a] == done.labels[b]
        if label in labelled.may or same == (label in labelled.must):
            continue
        one, other = labelled.documents[a], labelled.documents[b]
        like = heads.likeness(heads.headline(one.headline), heads.headline(other.headline))
        match = direct.get(frozenset((a, b)))
        how = match.rule if match else "through others" if same else ""
        rows.append((like, label, "linked" if same else "missed", how, one.headline[:90], other.headline[:90]))
    rows.sort(key=lambda row: (row[2], -row[0]))
    chosen = [row for kind in ("linked", "missed") for row in [r for r in rows if r[2] == kind][:count]]
    return _memory.table(["likeness", "label", "is", "by", "headline", "headline "], chosen)


def main() -> int:
    """Run what the arguments ask for; 2 when there is nothing to run it on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default=os.environ.get("DEPECHE_DATA"))
    parser.add_argument("--set", action="append", help="name of a set; default: all")
    parser.add_argument("--ablation", action="store_true", help="leave out one rule after the other")
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="print the N worst errors of each kind")
    options = parser.parse_args()
    if not options.data or not Path(options.data).is_dir():
        print("No data: give the folder with the labelled sets, or set DEPECHE_DATA to it.", file=sys.stderr)
        return 2
    data = Path(options.data).resolve()
    folders = sorted(path.parent for path in data.glob("**/pairs.tsv"))
    folders = [folder for folder in folders if not options.set or folder.name in options.set]
    if not folders:
        print(f"No labelled set in {data}: a folder with articles.jsonl.gz and pairs.tsv.", file=sys.stderr)
        return 2
    scorer = next((p for p in (data / "score_clusters.py", data.parent / "score_clusters.py") if p.exists()), None)
    if not scorer:
        print(f"No score_clusters.py in {data} or the folder above.", file=sys.stderr)
        return 2

    rows = []
    for folder in folders:
        said = through_the_program(folder, scorer)
        same = said["precision_same_news"]
        counts = " ".join(f"{label} {said['linked'][label]}/{n}" for label, n in sorted(said["labelled"].items()))
        rows.append([folder.name, said["precision"], said["recall"], said["f1"], same, counts])
    print(_memory.table(["set", "precision", "recall", "F1", "same news", "linked/labelled"], rows))
    if options.ablation:
        print("\n" + ablation([load(folder) for folder in folders]))
    for folder in folders if options.errors else ():
        print(f"\n{folder.name}\n{errors(load(folder), options.errors)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
