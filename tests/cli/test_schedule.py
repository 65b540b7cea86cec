from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cli.schedule import EVERY

if TYPE_CHECKING:
    from tests.cli.conftest import Run

SYSTEMS = ("systemd", "cron", "github", "k8s")
ODD = "press's 100% $HOME"  # a folder nobody should have, and somebody will


def units(printed: str, folder: Path) -> list[Path]:
    """Write what is printed as the files its comments name."""
    parts = re.split(r"^# /etc/systemd/system/(\S+)\n", printed, flags=re.MULTILINE)[1:]
    paths = []
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        (folder / name).write_text(text)
        paths.append(folder / name)
    return paths


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize("every", EVERY)
def test_systemd_finds_nothing_wrong_with_the_units(depeche: Run, tmp_path: Path, every: str) -> None:
    (tmp_path / ODD).mkdir()
    printed = depeche("schedule", "print", "systemd", "--every", every, "--db", str(tmp_path / ODD / "news.db"))
    files = units(printed.stdout, tmp_path)
    assert [one.name for one in files] == [
        "depeche.service", "depeche.timer", "depeche-health.service", "depeche-health.timer",
    ]  # fmt: skip
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False, timeout=30
    )
    said = [line for line in done.stderr.splitlines() if "depeche" in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_service_is_locked_in(depeche: Run, tmp_path: Path) -> None:
    """systemd's own measure of what a service could do: 10 is everything, below 2.5 is "OK"."""
    for service in units(depeche("schedule", "print", "systemd").stdout, tmp_path)[::2]:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", "--no-pager", service],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        exposure = re.search(r"Overall exposure level.*?: ([\d.]+)", done.stdout)
        assert exposure, done.stderr
        assert float(exposure[1]) < 2.5


def test_runs_of_cron_are_valid_lines_that_the_shell_reads_as_meant(depeche: Run, tmp_path: Path) -> None:
    (tmp_path / ODD).mkdir()
    db = tmp_path / ODD / "news.db"
    printed = depeche("schedule", "print", "cron", "--db", str(db), "--contact", "https://x.example/?a=%20").stdout
    crawl, health = [line for line in printed.splitlines() if not line.startswith("#")]
    for line in (crawl, health):
        assert re.match(r"[\d/*-]+ [\d/*-]+ \* \* \* cd ", line)
        assert "%" not in line.replace(r"\%", "")
    words = shlex.split(crawl.split(" ", 5)[5].replace(r"\%", "%"))
    assert words[:2] == ["cd", str(db.parent)]
    assert words[words.index("--db") + 1] == str(db)
    assert words[words.index("--contact") + 1] == "https://x.example/?a=%20"


def test_each_of_several_machines_has_a_line_for_its_shard(depeche: Run) -> None:
    for system in ("cron", "systemd", "github"):
        assert "--shard 2/4" in depeche("schedule", "print", system, "--shard", "2/4").stdout


@pytest.mark.parametrize("every", EVERY)
def test_times_of_cron_are_as_far_apart_as_asked(depeche: Run, every: str) -> None:
    printed = depeche("schedule", "print", "cron", "--every", every).stdout
    minute, hour = next(line for line in printed.splitlines() if not line.startswith("#")).split()[:2]

    def spread(field: str, size: int) -> list[int]:
        if field == "*":
            return list(range(size))
        start, _, step = field.partition("/")
        low, _, high = start.partition("-")
        return list(range(int(low), int(high or low) + 1, int(step or 1)))

    runs = sorted(h * 60 + m for h in spread(hour, 24) for m in spread(minute, 60))
    gaps = {b - a for a, b in zip(runs, [*runs[1:], runs[0] + 1440], strict=True)}
    assert gaps == {EVERY[every]}


def test_workflow_of_github_keeps_the_database_and_has_few_rights(depeche: Run) -> None:
    workflow: Any = yaml.safe_load(depeche("schedule", "print", "github", "--contact", "https://x.example").stdout)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"] == {"group": "depeche", "cancel-in-progress": False}
    steps = workflow["jobs"]["crawl"]["steps"]
    caches = [step for step in steps if "cache" in step.get("uses", "")]
    assert [step["with"]["path"].split() for step in caches] == [["news.db", "news.db-wal"]] * 2
    assert caches[0]["with"]["key"] == caches[1]["with"]["key"]
    assert any("crawl -q" in step.get("run", "") for step in steps)


def test_cronjob_of_kubernetes_crawls_in_parts_each_with_its_own_database(depeche: Run) -> None:
    def job(*options: str) -> Any:
        done = depeche("schedule", "print", "k8s", *options)
        found = yaml.safe_load(done.stdout)
        assert (found["kind"], found["spec"]["concurrencyPolicy"]) == ("CronJob", "Forbid")
        return found["spec"]["jobTemplate"]["spec"]

    def script(spec: Any) -> str:
        return str(spec["template"]["spec"]["containers"][0]["args"][0])

    assert "completionMode" not in job()
    assert "--shard" not in script(job())
    four = job("--shards", "4")
    assert (four["completionMode"], four["completions"], four["parallelism"]) == ("Indexed", 4, 4)
    started = subprocess.run(
        ["/bin/sh", "-c", "depeche() { echo \"$@\"; }\n" + script(four)],
        env={"JOB_COMPLETION_INDEX": "3", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "--db /data/news-3.db --shard 4/4" in started.stdout


# As a crawl: it ends with a code of its own, or when it is told to.
CRAWL = """#!/bin/sh
test "$CODE" && exit "$CODE"
trap 'echo told; kill $!; exit 130' TERM
sleep 60 &
echo started
wait
"""


@pytest.mark.parametrize(("code", "ends"), [("0", 0), ("3", 0), ("75", 0), ("1", 1), ("", 1)])
def test_container_passes_on_what_it_is_told_and_how_the_crawl_ended(
    depeche: Run, tmp_path: Path, code: str, ends: int
) -> None:
    """Kubernetes talks to the shell only; what ends nothing is killed half a minute later."""
    spec: Any = yaml.safe_load(depeche("schedule", "print", "k8s").stdout)
    (script,) = spec["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"]
    (tmp_path / "depeche").write_text(CRAWL)
    (tmp_path / "depeche").chmod(0o755)
    with subprocess.Popen(
        ["/bin/sh", "-c", script.replace("/data/news.db", "/dev/null").replace("test -f", "test -e")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "CODE": code}, stdout=subprocess.PIPE, text=True,
    ) as shell:  # fmt: skip
        assert shell.stdout
        try:
            if not code:
                assert shell.stdout.readline() == "started\n"
                shell.terminate()
                assert shell.stdout.readline() == "told\n"
            assert shell.wait(timeout=50) == ends
        finally:
            shell.kill()


@pytest.mark.parametrize("system", SYSTEMS)
def test_exit_codes_that_are_no_failure_are_none_for_the_scheduler(depeche: Run, system: str) -> None:
    printed = depeche("schedule", "print", system).stdout
    assert "3 75" in printed or "3|75) ;;" in printed
    assert "<" not in printed


@pytest.mark.parametrize(
    "typed",
    [
        ("cron", "--shards", "2"), ("cron", "--contact", "a b"), ("cron", "--contact", "a\nb"), ("at",), (),
        ("cron", "--every", "7m"), ("cron", "--db", "a\nb.db"), ("k8s", "--shards", "0"),
        ("cron", "--shard", "5/4"), ("k8s", "--shard", "1/4"),
    ],
)  # fmt: skip
def test_what_cannot_be_scheduled_is_wrong_usage(depeche: Run, typed: tuple[str, ...]) -> None:
    done = depeche("schedule", "print", *typed)
    assert (done.exit_code, done.stdout) == (2, "")
