"""A file that hangs, crashes or eats memory costs that file only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from segue.errors import SegueError
from segue.scanning.jobs import Done, Failed, Job, Limits, Outcome
from segue.scanning.pool import Pool

LIMITS = Limits(timeout_s=5.0, memory_bytes=200 << 20, failed_starts=3)


@pytest.fixture(autouse=True)
def _targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)


def pool(workers: int = 1, *, target: str = "targets:behave", limits: Limits = LIMITS) -> Pool:
    return Pool(target, {}, workers=workers, nice=3, answer=lambda digest: [digest, "known"], limits=limits)


def run(pool: Pool, paths: Sequence[str | Path]) -> dict[str, Outcome]:
    waiting = [Job(str(path), 1, 1) for path in paths]
    outcomes: list[Outcome] = []
    with pool:
        while waiting or pool.busy:
            while waiting and pool.free:
                pool.submit(waiting.pop(0))
            outcomes += pool.poll(1)
    assert len(outcomes) == len(paths)
    return {Path(outcome.job.path).name: outcome for outcome in outcomes}


def failure(outcome: Outcome) -> tuple[str, str]:
    assert isinstance(outcome, Failed)
    return outcome.reason, outcome.detail


def test_good_files_come_back_with_arrays_and_answers() -> None:
    outcomes = run(pool(2), [f"/x/good-{number}\udce9" for number in range(20)])
    for name, outcome in outcomes.items():
        assert isinstance(outcome, Done)
        assert outcome.message.header["path"] == f"/x/{name}"
        assert outcome.message.header["answer"] == ["digest of good", "known"]
        assert outcome.message.header["nice"] == 3
        assert outcome.message.arrays["vector"].tolist() == [0, 1, 2]
    assert (
        len({outcome.message.header["pid"] for outcome in outcomes.values() if isinstance(outcome, Done)})
        == 2
    )


def test_bad_files_cost_themselves_only() -> None:
    bad = ["hang-a", "crash-a", "leave-a", "eat-a", "gulp-a", "fail-a", "stumble-a"]
    mixed = [name for pair in zip(bad, (f"good-{name}" for name in bad), strict=True) for name in pair]
    outcomes = run(pool(2, limits=LIMITS), mixed)
    assert all(isinstance(outcome, Done) for name, outcome in outcomes.items() if name.startswith("good"))
    assert {name: failure(outcomes[name])[0] for name in bad} == {
        "hang-a": "timed-out",
        "crash-a": "crashed",
        "leave-a": "crashed",
        "eat-a": "out-of-memory",
        "gulp-a": "out-of-memory",
        "fail-a": "silent",
        "stumble-a": "unexpected",
    }
    assert "SIGSEGV" in failure(outcomes["crash-a"])[1]
    assert "exit status 3" in failure(outcomes["leave-a"])[1]
    assert "ZeroDivisionError: a mistake of ours (targets.py:" in failure(outcomes["stumble-a"])[1]


def test_a_single_crash_is_forgiven(tmp_path: Path) -> None:
    assert isinstance(run(pool(), [tmp_path / "once-a"])["once-a"], Done)


def test_the_size_of_a_file_gives_it_time() -> None:
    with pool() as under_test:
        under_test.submit(Job("/x/sleep", 1_000_000_000, 1))
        started = time.monotonic()
        while time.monotonic() - started < 1.6:
            assert under_test.poll(0.5) == []


def test_a_killed_worker_is_replaced_and_its_file_heard() -> None:
    with pool(limits=Limits(timeout_s=60)) as under_test:
        under_test.submit(Job("/x/good", 1, 1))
        for _ in range(3):
            under_test._workers[0].process.kill()
            before = under_test._workers[0]
            while under_test._workers[0] is before:
                assert under_test.poll(1) == []
        outcomes: list[Outcome] = []
        while under_test.busy:
            outcomes += under_test.poll(1)
        assert isinstance(outcomes[0], Done)


def test_workers_are_replaced_after_so_many_files() -> None:
    outcomes = run(pool(limits=Limits(files_a_worker=2)), [f"/x/good-{number}" for number in range(5)])
    pids = [outcome.message.header["pid"] for outcome in outcomes.values() if isinstance(outcome, Done)]
    assert len(set(pids)) == 3


def test_no_process_without_work() -> None:
    with pool(4) as under_test:
        assert under_test.poll(0) == []
        assert under_test._workers == []
        under_test.submit(Job("/x/good", 1, 1))
        assert len(under_test._workers) == 1


def test_a_broken_installation_is_said_once() -> None:
    with pytest.raises(SegueError, match="cannot start: ImportError: no library of that name"):
        run(pool(2, target="targets:no_start"), ["/x/good-1", "/x/good-2"])


def test_what_a_worker_refuses_is_said_in_its_words() -> None:
    with pytest.raises(SegueError, match=r"^the network is damaged: copy it again$"):
        run(pool(target="targets:refuse"), ["/x/good"])


def test_close_ends_everything_at_once() -> None:
    under_test = pool(2)
    under_test.submit(Job("/x/hang", 1, 1))
    under_test.submit(Job("/x/sleep", 1, 1))
    under_test.poll(0.2)
    processes = [worker.process for worker in under_test._workers]
    started = time.monotonic()
    under_test.close()
    assert time.monotonic() - started < 1
    assert [process.returncode for process in processes] == [-signal.SIGKILL] * 2


def test_a_pause_is_nobodys_time() -> None:
    with pool() as under_test:
        under_test.submit(Job("/x/sleep", 1, 1))
        while not under_test._workers[0].ready:
            under_test.poll(1)
        under_test._last_tick -= 3600
        under_test._workers[0].elapsed_s = -1.5
        assert under_test.poll(0.3) == []


@pytest.mark.parametrize("verb", ["hang", "sleep"])
def test_workers_die_with_the_scan(verb: str) -> None:
    script = (
        "import sys; from segue.scanning.jobs import *; from segue.scanning.pool import *\n"
        "pool = Pool('targets:behave', {}, workers=1, nice=0, answer=lambda d: [], limits=Limits())\n"
        f"pool.submit(Job('/x/{verb}', 1, 1))\n"
        "while not pool._workers[0].ready: pool.poll(1)\n"
        "print(pool._workers[0].process.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    main = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert main.stdout is not None and main.stdin is not None
    worker = int(main.stdout.readline())
    main.kill()
    main.wait()
    main.stdout.close()
    main.stdin.close()
    until = time.monotonic() + 5
    while _runs(worker):
        assert time.monotonic() < until, "the worker outlived the scan"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
