#!/usr/bin/env python3
"""Every developer command, on a machine with nothing but Python 3.11 and its pip.

    python3 run.py demo        set up, crawl the bundled outlets, list the story clusters
    python3 run.py test        set up, run the tests
    python3 run.py lint        ruff (style) and import-linter (direction of imports)
    python3 run.py types       mypy, strict
    python3 run.py fuzz        two thousand random feeds, pages, dates, URLs and robots.txt
    python3 run.py datasette   the tests of the Datasette plug-in, with both lines of Datasette
    python3 run.py spark       the tests of grouping on Apache Spark, where Java is (500 MB once)
    python3 run.py docs        rewrite the generated parts of the docs; --check only compares
    python3 run.py bench NAME  a benchmark of benchmarks/
    python3 run.py check       lint, types, docs --check and test, as CI does
    python3 run.py depeche …   the command itself

Whatever follows the command is passed on. The environment is .venv beside this file; it is made on
the first call and installed again when pyproject.toml or what is compiled changes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "installed-from"
OLDEST = (3, 11)
DATASETTES = ("0.65.5", "1.0a41")  # the stable line, and what comes
SPARK = ("pyspark==4.3.0", "pandas>=2.3.3,<3")  # half a gigabyte that most of us never need


def main(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    if not argv or argv[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if argv else 2
    name, rest = argv[0], argv[1:]
    if name not in COMMANDS:
        print(f"run.py: no command {name!r}; there are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    set_up()
    try:
        return COMMANDS[name](rest)
    except KeyboardInterrupt:
        return 130


def set_up() -> None:
    """Make .venv and install the project into it, unless that was done for these files."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"run.py: Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is "
            f"{sys.version.split()[0]}; start it with a newer one, e.g. python3.11 run.py"
        )
    made_of = (ROOT / "pyproject.toml", *sorted(ROOT.glob("hatch_build.py")), *sorted(ROOT.glob("dedup/*.c")))
    wanted = hashlib.sha256(b"".join(map(Path.read_bytes, made_of))).hexdigest() + sys.version.split()[0]
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian ships Python without it
        import venv  # noqa: F401, PLC0415
    except ImportError:
        sys.exit("run.py: Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv")
    if not (BIN / "python").exists():
        print("run.py: making .venv", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    print("run.py: installing depeche and its tools into .venv (once, about a minute)", file=sys.stderr)
    done = subprocess.run(
        [str(BIN / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-e", ".[dev]"],
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        sys.exit("run.py: pip could not install the project; its message above says what is missing")
    STAMP.write_text(wanted)


def call(*command: str) -> int:
    """Run a tool of .venv from the root of the checkout and return its exit code."""
    env = os.environ | {"PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", "")])}
    return subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, env=env, check=False).returncode


def depeche(rest: list[str]) -> int:
    """Run the command where the user stands, so that relative paths mean what they say."""
    return subprocess.run([str(BIN / "depeche"), *rest], check=False).returncode


def demo(rest: list[str]) -> int:
    """Crawl the bundled outlets over loopback HTTP and list what they share."""
    return depeche(["demo", *rest])


def test(rest: list[str]) -> int:
    """Run the tests, on all cores unless something is asked for."""
    return call("python", "-m", "pytest", *(rest or ["-n", "auto"]))


def lint(rest: list[str]) -> int:
    """Check style and the direction of imports."""
    return (
        call("ruff", "check", *rest, ".")
        or call("ruff", "format", *([] if "--fix" in rest else ["--check"]), ".")
        or call("lint-imports")
    )


def types(rest: list[str]) -> int:
    """Check types."""
    return call("mypy", *rest)


def fuzz(rest: list[str]) -> int:
    """Try many more random inputs than the tests do."""
    # A target takes minutes, and nothing hangs.
    options = ("--hypothesis-profile=fuzz", "-o", "faulthandler_timeout=3600")
    return call("python", "-m", "pytest", *options, *(rest or ["-n", "auto", "tests/crawler/test_fuzz.py"]))


def datasette(rest: list[str]) -> int:
    """Test the plug-in of Datasette, with each line of Datasette beside our own packages."""
    for version in DATASETTES:
        if not beside(f"datasette-{version}", f"datasette=={version}"):
            return 1
        print(f"Datasette {version}", flush=True)
        if code := call("python", "-m", "pytest", "-p", "no:cacheprovider", "tests/web/test_datasette.py", *rest):
            return code
    return 0


def spark(rest: list[str]) -> int:
    """Test grouping on Spark, with pyspark beside our own packages."""
    if not shutil.which("java"):
        print("run.py: Spark needs Java 17 or newer; on Debian and Ubuntu: apt install default-jre-headless")
        return 1
    if not beside("spark", *SPARK):
        return 1
    return call("python", "-m", "pytest", "-p", "no:cacheprovider", "tests/spark", *rest)


def beside(name: str, *packages: str) -> bool:
    """Let what is called next find these packages, kept apart from our own; tell whether they could be had."""
    folder = VENV / name
    if not folder.exists():
        pip = (str(BIN / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check")
        if subprocess.run([*pip, "--target", str(folder), *packages], check=False).returncode:
            shutil.rmtree(folder, ignore_errors=True)
            return False
    os.environ["PYTHONPATH"] = str(folder)
    return True


def docs(rest: list[str]) -> int:
    """Print --help, the schema and the outlet table into the docs."""
    return call("python", "docs/generate.py", *rest)


def bench(rest: list[str]) -> int:
    """Run one benchmark, or list them."""
    # dedup_.py: without the underscore it would stand in for the package of its name in all the others.
    files = {p.stem.rstrip("_"): p.name for p in (ROOT / "benchmarks").glob("[a-z]*.py")}
    names = sorted(files)
    if not rest or rest[0] not in names:
        print(f"run.py bench NAME: {', '.join(names)}", file=sys.stderr)
        return 2
    if rest[0] == "spark" and not beside("spark", *SPARK):
        return 1
    return call("python", f"benchmarks/{files[rest[0]]}", *rest[1:])


def check(rest: list[str]) -> int:
    """Run everything CI runs."""
    return lint([]) or types([]) or docs(["--check"]) or test(rest)


COMMANDS = {
    "demo": demo, "test": test, "lint": lint, "types": types, "docs": docs, "fuzz": fuzz,
    "datasette": datasette, "spark": spark,
    "bench": bench, "check": check, "depeche": depeche,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
