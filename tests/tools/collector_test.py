"""The collector of tests itself: nothing that goes wrong may pass for a success."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import tap as framework  # noqa: E402


def _load_collector():
    """tools/tap.py; the framework of the tests has the same name."""
    import importlib.util
    spec = importlib.util.spec_from_file_location("collector", ROOT / "tools" / "tap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


collector = _load_collector()


def _run(script, timeout=10):
    return collector.run({"cmd": ["/bin/sh", "-c", script], "workdir": None, "build": "/",
                          "env": {}, "timeout": timeout})


def streams_are_counted():
    cases = [  # name, script, passed, failed, skipped
        ("a plan first", "echo 1..2; echo ok 1 - a; echo ok 2 - b", 2, 0, 0),
        ("a plan last", "echo ok 1 - a; echo ok 2 - b; echo 1..2", 2, 0, 0),
        ("a failure", "echo 1..2; echo ok 1 - a; echo not ok 2 - b", 1, 1, 0),
        ("a failure and its exit status", "echo 1..1; echo not ok 1 - b; exit 1", 0, 1, 0),
        ("a skip", "echo 1..2; echo 'ok 1 - a # SKIP no moon'; echo ok 2 - b", 1, 0, 1),
        ("all skipped", "echo '1..0 # SKIP no moon'", 0, 0, 1),
        ("comments and noise", "echo '# hello'; echo noise; echo 1..1; echo ok 1 - a", 1, 0, 0),
        ("a name with a hash", "echo 1..1; echo 'ok 1 - number #5'", 1, 0, 0),
        ("no plan", "echo ok 1 - a", 1, 1, 0),
        ("nothing at all", "true", 0, 1, 0),
        ("too few", "echo 1..3; echo ok 1 - a", 1, 1, 0),
        ("too many", "echo 1..1; echo ok 1 - a; echo ok 2 - b", 2, 1, 0),
        ("an exit status without a failure", "echo 1..1; echo ok 1 - a; exit 3", 1, 1, 0),
        ("a death in the middle", "echo 1..2; echo ok 1 - a; kill -SEGV $$", 1, 1, 0),
        ("a death at the end", "echo 1..1; echo ok 1 - a; kill -ABRT $$", 1, 1, 0),
        ("giving up", "echo 1..2; echo ok 1 - a; echo 'Bail out! no disk'", 1, 1, 0),
        ("bytes that are no text", "printf '1..1\\n\\377\\nok 1 - \\376\\n'", 1, 0, 0),
    ]
    for name, script, *counts in cases:
        yield name, _counted, script, counts


def _counted(script, counts):
    result = _run(script)
    got = [result.passed, len(result.failed), len(result.skipped)]
    assert got == counts, (got, counts, result.failed)


def a_program_that_hangs_is_stopped_with_its_children():
    result = _run("echo 1..1; sleep 1000 & wait", timeout=0.2)
    assert len(result.failed) == 1 and "ran over" in result.failed[0], result.failed
    assert result.seconds < 60


def dev_knows_its_commands():
    told = subprocess.run([ROOT / "dev", "--help"], capture_output=True, text=True)
    assert told.returncode == 0
    for command in ("setup", "build", "demo", "test", "bench", "fuzz", "lint", "fmt", "clean"):
        assert "\n  " + command in told.stdout, command
    wrong = subprocess.run([ROOT / "dev", "tset"], capture_output=True, text=True)
    assert wrong.returncode == 2 and "usage" in wrong.stderr, wrong


if __name__ == "__main__":
    sys.exit(1 if framework.run(globals()) else 0)
