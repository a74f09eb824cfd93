"""Tests from outside print TAP with this: functions named like sentences, assert, and skip.

    def an_unknown_path_is_404(server):
        assert server.get("/nothing").status == 404

    if __name__ == "__main__":
        with entrepot.Server(...) as server:
            tap.run(globals(), server)

Every function of the file whose name does not begin with an underscore is a test; each is given
what run() was given. A test may be a generator of (name, function, *arguments): each is a test then,
for tables. Words on the command line choose the tests whose names contain one of them.
"""
import inspect
import sys
import time
import traceback


class Skip(Exception):
    """The test cannot run here; the text says why."""


def skip(reason):
    raise Skip(reason)


def until(what, seconds=30, every=0.02):
    """Ask until the answer is true, and give it; fail after the seconds. For what cannot be waited for."""
    end = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < end, "waited %s seconds in vain" % seconds
        time.sleep(every)


class _Run:
    def __init__(self, subject):
        self.number = 0
        self.failed = 0
        self.begin = getattr(subject, "begin_test", None)
        self.log = getattr(subject, "log_of_test", None)

    def point(self, name, function, arguments):
        self.number += 1
        if self.begin:
            self.begin()
        try:
            function(*arguments)
        except Skip as reason:
            print("ok %d - %s # SKIP %s" % (self.number, name, reason))
        except Exception:
            self.failed += 1
            print("not ok %d - %s" % (self.number, name))
            text = traceback.format_exc()
            if self.log:
                text += self.log()
            print("\n".join("# " + line for line in text.splitlines()))
        else:
            print("ok %d - %s" % (self.number, name))
        sys.stdout.flush()


def run(names, *given):
    """Run the tests of a file (pass globals()); gives the count of failures and prints the plan.

    Where the first thing given has begin_test() and log_of_test(), these frame each test."""
    state = _Run(given[0] if given else None)
    chosen = sys.argv[1:]
    for name, test in list(names.items()):
        if name.startswith("_") or not inspect.isfunction(test) or \
                test.__module__ != names["__name__"] or name == "main":
            continue
        said = name.replace("_", " ")
        if inspect.isgeneratorfunction(test):
            try:
                for row, function, *arguments in test(*given):
                    full = "%s: %s" % (said, row)
                    if not chosen or any(word in full for word in chosen):
                        state.point(full.replace("#", "").replace("\n", " "), function, arguments)
            except Exception:
                error = sys.exc_info()[1]

                def fail_again():
                    raise error
                state.point(said, fail_again, ())
        elif not chosen or any(word in said for word in chosen):
            state.point(said, test, given)
    print("1..%d" % state.number)
    sys.stdout.flush()
    return state.failed
