"""What a crawl did, per outlet, in numbers and words."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["ok", "partial", "failed", "interrupted"]
RATE_WINDOW = 10.0  # seconds the current rate looks back


@dataclass
class OutletReport:
    """One outlet's share of a crawl; counted up while it runs."""

    outlet_id: str
    name: str
    pages: int = 0  # article pages received
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0  # pages that could not be had or read
    left: int = 0  # pages left to a later run: a pause was asked for, or the limit was reached
    sources: int = 0  # feeds, sitemaps and sections asked for
    errors: list[str] = field(default_factory=list)  # of feeds, sitemaps and sections: one line each
    page_errors: dict[str, int] = field(default_factory=dict)  # reason -> pages

    @property
    def error(self) -> str | None:
        """What went wrong, in one line; None when the outlet could be read."""
        if self.errors:
            more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
            return self.errors[0] + more
        if self.failed and not self.pages:
            reason = max(self.page_errors, key=lambda r: self.page_errors[r])
            return f"none of its pages could be read: {reason}"
        return None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a running crawl is."""

    outlets_done: int
    outlets: int
    pages: int
    new: int
    failed: int
    rate: float  # article pages per second, over the last seconds
    seconds: float  # since the start


@dataclass(frozen=True, kw_only=True)
class CrawlReport:
    """A finished crawl."""

    outlets: tuple[OutletReport, ...]
    status: Status
    seconds: float
    error: str | None = None  # why the whole crawl ended early, in one line
    run_id: int | None = None
    clock_off: int | None = None  # seconds this machine is ahead of the servers, negative behind; 0: about right

    @property
    def exit_code(self) -> int:
        """0 ok, 1 failed, 3 done but some outlets failed, 130 interrupted."""
        return {"ok": 0, "failed": 1, "partial": 3, "interrupted": 130}[self.status]

    def total(self, name: str) -> int:
        """Return the sum of one count over all outlets, e.g. ``total("new")``."""
        return sum(getattr(outlet, name) for outlet in self.outlets)


class Tally:
    """The running count of a crawl, filled by spider and pipeline."""

    def __init__(self, outlets: dict[str, str]):
        self.outlets = {key: OutletReport(key, name) for key, name in outlets.items()}
        self.open_requests = dict.fromkeys(outlets, 0)
        self.started = time.monotonic()
        self.fatal: str | None = None  # e.g. the disk is full
        self.clock_off: int | None = None  # as in CrawlReport
        self.offline = False  # nobody answered, and of the failures nothing was noted
        self.interrupted = False  # while articles were grouped, when everything else had ended
        self._recent: deque[float] = deque()

    def page(self, outlet_id: str) -> None:
        """Count an article page that was received."""
        self.outlets[outlet_id].pages += 1
        self._recent.append(time.monotonic())

    def page_failed(self, outlet_id: str, reason: str) -> None:
        """Count a page that could not be had or read."""
        report = self.outlets[outlet_id]
        report.failed += 1
        report.page_errors[reason] = report.page_errors.get(reason, 0) + 1

    def progress(self) -> Progress:
        """Return where the crawl stands now."""
        now = time.monotonic()
        while self._recent and self._recent[0] < now - RATE_WINDOW:
            self._recent.popleft()
        seconds = now - self.started
        reports = self.outlets.values()
        return Progress(
            outlets_done=sum(1 for count in self.open_requests.values() if count == 0),
            outlets=len(self.outlets),
            pages=sum(report.pages for report in reports),
            new=sum(report.new for report in reports),
            failed=sum(report.failed for report in reports),
            rate=len(self._recent) / max(0.1, min(seconds, RATE_WINDOW)),
            seconds=seconds,
        )
