#!/usr/bin/env python3
"""Run test programs that print TAP, and add up what they say.

    tap.py LABEL=BUILD_DIR[:SUITE,…]… [-- RING[/NAME]…]

The programs are those that meson knows in each build directory; a SUITE or RING is one of meson's
suites. Two programs run at a time. A program that dies, ends early, runs over its time or says
nothing counts as one failure more. The last line is `N passed, N failed, N skipped`; the exit
status is 1 when anything failed or nothing ran.
"""
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

JOBS = 2
POINT = re.compile(r"(not )?ok\b(?:\s+(\d+))?(?:\s*-)?\s*(.*)$")
DIRECTIVE = re.compile(r"(?<!\\)#\s*(skip|todo)\S*\s*(.*)$", re.IGNORECASE)
PLAN = re.compile(r"1\.\.(\d+)\s*(?:#\s*skip\S*\s*(.*))?$", re.IGNORECASE)


class Result:
    """What one program said."""

    def __init__(self):
        self.passed = 0
        self.skipped = []  # (name, reason)
        self.failed = []   # names
        self.output = ""
        self.errors = ""
        self.seconds = 0.0


def parse(text, result):
    """Count the points of a TAP stream; returns the fault of the stream itself, or None."""
    planned = None
    for line in text.splitlines():
        if line.startswith("Bail out!"):
            return line
        plan = PLAN.match(line)
        if plan:
            planned = int(plan[1])
            if planned == 0:
                result.skipped.append(("all of it", plan[2] or ""))
            continue
        point = POINT.match(line)
        if not point:
            continue
        name = point[3]
        directive = DIRECTIVE.search(name)
        if directive and directive[1].lower() == "skip":
            result.skipped.append((name[:directive.start()].strip(), directive[2]))
        elif point[1]:
            result.failed.append(name or "number %s" % point[2])
        else:
            result.passed += 1
    ran = result.passed + len(result.failed) + (len(result.skipped) if planned else 0)
    if planned is None:
        return "it printed no plan (1..N)"
    if ran != planned:
        return "it planned %d tests and ran %d" % (planned, ran)
    return None


running = {}
running_lock = threading.Lock()


def stop_all(*_):
    with running_lock:
        for process in running.values():
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
    os._exit(130)


def run(test):
    result = Result()
    environment = dict(os.environ)
    environment.update(test["env"])
    started = time.monotonic()
    process = subprocess.Popen(
        test["cmd"], cwd=test["workdir"] or test["build"], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    with running_lock:
        running[process.pid] = process
    fault = None
    try:
        # the instrumented builds are slow, and the machine may be small
        output, errors = process.communicate(timeout=test["timeout"] * 3 or None)
    except subprocess.TimeoutExpired:
        fault = "it ran over its %d seconds and was stopped" % (test["timeout"] * 3)
        os.killpg(process.pid, signal.SIGTERM)
        try:
            output, errors = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
    with running_lock:
        del running[process.pid]
    result.seconds = time.monotonic() - started
    result.output = output.decode("utf-8", "replace")
    result.errors = errors.decode("utf-8", "replace")
    stream_fault = parse(result.output, result)
    if process.returncode < 0 and not fault:
        fault = "it died of signal %d" % -process.returncode
    fault = fault or stream_fault
    if not fault and process.returncode != 0 and not result.failed:
        fault = "it ended with status %d" % process.returncode
    if fault:
        result.failed.append(fault)
    return result


def tests_of(label, build, suites, rings):
    listed = json.loads(subprocess.check_output(["meson", "introspect", build, "--tests"]))
    for test in listed:
        own = [suite.split(":")[-1] for suite in test["suite"]]
        if suites and not set(suites) & set(own):
            continue
        if rings and not any(
                ring in own or (ring.partition("/")[0] in own and
                                test["name"].endswith("-" + ring.partition("/")[2].replace("/", "-")))
                for ring in rings):
            continue
        test["label"], test["build"] = label, build
        yield test


def report(test, result, done, total):
    counts = "%d passed" % result.passed
    if result.skipped:
        counts += ", %d skipped" % len(result.skipped)
    if result.failed:
        counts += ", %d FAILED" % len(result.failed)
    print("[%*d/%d] %-5s %-40s %s (%.1f s)" % (
        len(str(total)), done, total, test["label"], test["name"], counts, result.seconds))
    if result.failed:
        print("  ---- what it printed " + "-" * 58)
        for line in (result.output + result.errors).splitlines():
            print("  " + line)
        print("  " + "-" * 80)
        for name in result.failed:
            print("  FAILED: " + name)
    sys.stdout.flush()


def main(arguments):
    split = arguments.index("--") if "--" in arguments else len(arguments)
    rings = arguments[split + 1:]
    tests = []
    for configuration in arguments[:split]:
        label, _, place = configuration.partition("=")
        build, _, suites = place.partition(":")
        tests += tests_of(label, build, [s for s in suites.split(",") if s], rings)
    signal.signal(signal.SIGTERM, stop_all)
    signal.signal(signal.SIGINT, stop_all)
    # the long ones first, so that the end is not one of them alone
    tests.sort(key=lambda test: (not test["is_parallel"], -test["priority"], -test["timeout"]))
    alone = [test for test in tests if not test["is_parallel"]]
    together = [test for test in tests if test["is_parallel"]]
    results = []

    def finish(test, result):
        results.append((test, result))
        report(test, result, len(results), len(tests))

    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        futures = {pool.submit(run, test): test for test in together}
        for future in concurrent.futures.as_completed(futures):
            finish(futures[future], future.result())
    for test in alone:
        finish(test, run(test))

    passed = sum(result.passed for _, result in results)
    failed = [(test, name) for test, result in results for name in result.failed]
    skipped = [(test, *skip) for test, result in results for skip in result.skipped]
    if skipped:
        print("\nskipped:")
        for test, name, reason in skipped:
            print("  %s %s: %s (%s)" % (test["label"], test["name"], name, reason or "no reason"))
    if failed:
        print("\nfailed:")
        for test, name in failed:
            print("  %s %s: %s" % (test["label"], test["name"], name))
    if not tests:
        print("no test is named so")
    print("%d passed, %d failed, %d skipped" % (passed, len(failed), len(skipped)))
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
