"""Run one crawl in this process and print its report as JSON: Scrapy can start once per process."""

import json
import sys
from dataclasses import asdict

from crawler.crawl import crawl
from storage.records import Outlet

job = json.load(sys.stdin)
outlets = [
    Outlet(**{key: tuple(value) if isinstance(value, list) else value for key, value in outlet.items()})
    for outlet in job["outlets"]
]
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
json.dump(
    {
        "status": report.status,
        "exit_code": report.exit_code,
        "error": report.error,
        "seconds": report.seconds,
        "outlets": {row.outlet_id: asdict(row) | {"error": row.error} for row in report.outlets},
        "progress": [asdict(step) for step in progress],
    },
    sys.stdout,
)
