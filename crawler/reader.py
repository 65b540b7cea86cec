"""Bodies are read in a process of their own, one after the other, within bounds of CPU time and memory."""

from __future__ import annotations

import asyncio
import contextlib
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from crawler.extract.guard import PageRefused
from crawler.reading import Job, Listed
from crawler.worker import CPU_SECONDS, MEMORY, pack, receive, send, unpack_result
from storage.records import Article

MAX_WAIT = 120.0  # seconds of wall time for one body; the bound of CPU time ends it long before
# -I: only the path of this process counts, not the current folder, where a folder may be called crawler.
CODE = "import sys; sys.path[:] = sys.argv[1:]; from crawler.worker import main; main()"


class ReaderDied(Exception):  # noqa: N818 - says what happened, as the crawl report prints it
    """The reading process ended for no fault of the body, or what it met was unforeseen; str() says what."""


class TooCostly(PageRefused):
    """Reading a body was stopped at a bound, or ended the process; str() says which."""


class Reader:
    """Reads bodies in a process that is started at the first one, and again when it had to be stopped."""

    def __init__(self) -> None:
        self.cpu_seconds = CPU_SECONDS  # for one body
        self._thread = ThreadPoolExecutor(1, "reader")  # waits for the process while the crawl goes on
        self._process: subprocess.Popen[bytes] | None = None
        self._answered = 0  # bodies of the running process

    async def read(self, job: Job, body: bytes) -> Article | Listed:
        """Return what ``crawler.reading.read`` returns.

        Raises FeedError or PageRefused like it, TooCostly, ReaderDied.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, job, body)

    def read_now(self, job: Job, body: bytes) -> Article | Listed:
        """Do what ``read`` does, and wait for it."""
        return self._read(job, body)

    def close(self) -> None:
        """End the process; what it is reading is lost."""
        if self._process is not None:
            self._process.kill()
        self._thread.shutdown(cancel_futures=True)
        self._end()

    def _read(self, job: Job, body: bytes) -> Article | Listed:
        result = self._ask(job, body)
        if "memory" in result and self._answered:
            # It may have been others before that had filled the memory.
            self._end()
            result = self._ask(job, body)
        if "memory" in result:
            self._end()
            raise TooCostly(f"takes more than {MEMORY // 2**20} MiB of memory to be read")
        self._answered += 1
        if "broken" in result:
            error = ReaderDied(f"cannot be read: {result['broken']}")
            error.add_note(result["traceback"])
            raise error
        return unpack_result(result)

    def _ask(self, job: Job, body: bytes) -> dict[str, Any]:
        process = self._process or self._start()
        stdin, stdout = _pipes(process)
        answer = None
        with contextlib.suppress(OSError):  # when it has ended; why is told by its exit code
            send(stdin, pack(job) | {"cpu_seconds": self.cpu_seconds}, body)
            waiting = select.poll()
            waiting.register(stdout, select.POLLIN)
            if not waiting.poll(MAX_WAIT * 1000):
                process.kill()
            answer = receive(stdout)
        if answer is not None:
            return answer[0]
        code = process.wait()
        self._end()
        if code == -signal.SIGXCPU:
            seconds = "1 second" if self.cpu_seconds == 1 else f"{self.cpu_seconds} seconds"
            raise TooCostly(f"takes more than {seconds} of CPU time to be read")
        if code in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE):
            raise TooCostly(f"makes the reader crash ({signal.Signals(-code).name})")
        raise ReaderDied(f"the reading process was ended (exit code {code})")

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-I", "-c", CODE, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._answered = 0
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in _pipes(process):
            with contextlib.suppress(OSError):  # what was not written yet has no reader any more
                pipe.close()
        process.wait()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise ReaderDied("the reading process has no pipes")
    return process.stdin, process.stdout
