"""Run one crawl in this process and print its report as JSON: Scrapy can start once per process."""

import json
import re
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from crawler.crawl import crawl
from storage import grouping
from storage.records import Outlet

job = json.load(sys.stdin)
outlets = [
    Outlet(**{key: tuple(value) if isinstance(value, list) else value for key, value in outlet.items()})
    for outlet in job["outlets"]
]
if started := job.get("endless_grouping"):

    def endless(db, **options):
        Path(started).touch()
        while True:
            db.execute("SELECT 1")

    grouping.group = endless
if job.get("broken_grouping"):
    grouping.group = None
progress = []
report = crawl(
    outlets,
    job["db"],
    on_progress=progress.append,
    limit=job.get("limit"),
    max_time=job.get("max_time"),
    force=job.get("force", False),
    settings=job.get("settings"),
)
here, below = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
json.dump(
    {
        "cost": {  # CPU seconds, MiB; of this process and of those it started
            "cpu": here.ru_utime + here.ru_stime + below.ru_utime + below.ru_stime,
            "memory": int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024,
            "memory below": below.ru_maxrss / 1024,
        },
        "status": report.status,
        "exit_code": report.exit_code,
        "error": report.error,
        "seconds": report.seconds,
        "outlets": {row.outlet_id: asdict(row) | {"error": row.error} for row in report.outlets},
        "progress": [asdict(step) for step in progress],
    },
    sys.stdout,
)
