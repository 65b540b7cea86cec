"""The log of a crawl on standard error: lines for people, or JSON objects for a collector of logs.

What is logged quotes pages and addresses, so control characters are taken out before anything is written.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from cli.terminal import Terminal, safe

Format = Literal["text", "json"]


class SafeFormatter(logging.Formatter):
    """Lines without control characters; tracebacks keep their lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return safe(super().format(record), lines=True)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (ISO 8601, UTC), level, logger, message, and traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object of a record."""
        values = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": safe(record.getMessage(), lines=True),
        }
        if record.exc_info:
            values["traceback"] = safe(self.formatException(record.exc_info), lines=True)
        return json.dumps(values, ensure_ascii=False)


@dataclass(frozen=True, kw_only=True)
class LoggedTerminal(Terminal):
    """What would be told to a person goes to the log."""

    def say(self, message: str) -> None:
        """Log how it went."""
        logging.getLogger("depeche").info("%s", message)

    def warn(self, message: str) -> None:
        """Log what went wrong without stopping."""
        logging.getLogger("depeche").warning("%s", message)


def install(form: Format, verbose: int) -> None:
    """Write the log of this process to standard error: everything with -vv, else what is worth knowing."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.DEBUG if verbose > 1 else logging.INFO)
    text = SafeFormatter("%(asctime)s [%(name)s] %(levelname)s: %(message)s")
    handler.setFormatter(JsonFormatter() if form == "json" else text)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
