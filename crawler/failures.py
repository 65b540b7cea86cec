"""What went wrong with a request, in words, and what becomes of its URL."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
)
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.middlewares.addresses import GuardedResolver, refusal
from crawler.middlewares.errors import ForbiddenError, NotNowError

# gone: 404, 410. skipped: never asked for again. retry: again in a later run. later: the same, and it is
# nobody's failure.
Fate = Literal["gone", "skipped", "retry", "later"]


@dataclass(frozen=True)
class Problem:
    """Why a URL gave nothing."""

    words: str  # one line, completes "<url> …"
    fate: Fate
    wait: float | None = None  # seconds the host asked for


def problem_of(failure: Failure) -> Problem:
    """Return what an errback's failure means."""
    request = getattr(failure, "request", None)
    return problem_with(failure.value, request.url if request else "")


def problem_with(error: BaseException | None, url: str) -> Problem:
    """Return what an exception on the way to a URL means."""
    match error:
        case HttpError():
            return of_status(error.response.status)
        case ForbiddenError() | NotNowError():
            return _of_refusal(error)
        case IgnoreRequest() if "redirections" in str(error):  # Scrapy's words
            return Problem("redirects in a loop", "retry")
        case CannotResolveHostError() | DownloadFailedError():
            return _of_connection(error, urlsplit(url).hostname or "")
    for kind, words, fate in KINDS:
        if isinstance(error, kind):
            return Problem(words, fate)
    text = " ".join(str(error).split())[:150]
    return Problem(f"{type(error).__name__}{f': {text}' if text else ''}", "retry")


def _of_refusal(error: ForbiddenError | NotNowError) -> Problem:
    if isinstance(error, NotNowError):
        return Problem(str(error), "later", error.seconds)
    return Problem(str(error), "skipped")


def _of_connection(error: CannotResolveHostError | DownloadFailedError, host: str) -> Problem:
    if isinstance(error, CannotResolveHostError):
        if host in GuardedResolver.refused:
            return Problem(refusal(host), "skipped")
        return Problem(f"cannot be reached: the host name {host} is not known", "retry")
    # The words of OpenSSL, and of service_identity where the certificate is somebody else's.
    if re.search("certificate|VerificationError|CertificateError", str(error)):
        return Problem("shows a certificate that is expired or not valid", "retry")
    return Problem("broke off the connection", "retry")


def of_status(status: int) -> Problem:
    """Return what an HTTP status means for the URL."""
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    return Problem(f"answers {status}{phrase}", "gone" if status in (404, 410) else "retry")


KINDS: tuple[tuple[type[Exception], str, Fate], ...] = (
    (DownloadTimeoutError, "did not answer in time", "retry"),
    (DownloadConnectionRefusedError, "refuses the connection", "retry"),
    (DownloadCancelledError, "is larger than what is read", "skipped"),
    (ResponseDataLossError, "broke off in the middle", "retry"),
    (NotSupported, "is not an http or https address", "skipped"),
    # Scrapy's own, for a body that grows beyond the limit when it is decompressed.
    (IgnoreRequest, "is larger than what is read", "skipped"),
    # What zlib, gzip, brotli and zstandard raise has no common base.
    (gzip.BadGzipFile, "cannot be decompressed", "retry"),
    (EOFError, "cannot be decompressed", "retry"),
    (zlib.error, "cannot be decompressed", "retry"),
    (ValueError, "redirects to an address that cannot be used", "skipped"),
)
