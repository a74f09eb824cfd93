"""The pages of docs/consumers: what they tell a reader to run is run, and answers what they say it does.

In a page a fenced block of sh, python, r or sql is run; the block right behind it is the answer, and
where there is none nothing is answered. In an answer … stands for what is left out or differs from one
time to another: within a line for anything, alone in a line for any lines. The blocks of a section are
run together, after those above the first section; where a program or a package is missing that one
needs, they are skipped. SQL is run by DuckDB. The server is that of the demo, at another port.
"""
import difflib
import importlib.machinery
import os
import re
import shutil
import subprocess
import sys

import entrepot
import tap

PAGES = entrepot.ROOT / "docs" / "consumers"
COUNTRIES = "/usr/share/iso-codes/json/iso_3166-1.json"
URL = "http://127.0.0.1:8080"  # as the pages have it
PACKAGES = [entrepot.ROOT / ".deps" / name for name in ("duckdb", "readers", "delta")]
MARK = "\x1e\n"

SQL = """
import duckdb, duckdb_extension_httpfs, os, pathlib
SAID = {"URL": "%s", "TOKEN": "eyJ…"}
base = duckdb.connect()
[extension] = pathlib.Path(duckdb_extension_httpfs.__file__).parent.rglob("httpfs.duckdb_extension")
base.execute("LOAD '%%s'" %% extension)
def run(text):
    for name in "URL", "TOKEN":
        text = text.replace(SAID[name], os.environ[name])
    for statement in text.split(";"):
        answer = base.sql(statement) if statement.strip() else None
        if answer is not None:
            print(answer)
""" % URL
# Of each language: what a program begins with, what prints the mark, how a block is written, what runs it.
LANGUAGES = {
    "sh": ("", "printf '\\036\\n'\n", "%s", "sh"),
    "python": ("", "print(chr(30), flush=True)\n", "%s", sys.executable),
    "r": ("", 'cat("\\036\\n")\n', "%s", "Rscript"),
    "sql": (SQL, "print(chr(30), flush=True)\n", "run(%r)\n", sys.executable),
}


class Block:
    def __init__(self, language, line, section, code):
        self.language, self.line, self.section, self.code = language, line, section, code
        self.answer = ""

    def __str__(self):
        return "line %d, %s" % (self.line, self.code.partition("\n")[0])


def _blocks(text):
    """The blocks of a page that are run, with their answers."""
    found, end = [], None
    for fence in re.finditer(r"^```(\w+)\n(.*?)^```\n", text, re.M | re.S):
        before = text[:fence.start()]
        if fence[1] in LANGUAGES:
            headings = re.findall(r"^## .*", before, re.M)
            found.append(Block(fence[1], before.count("\n") + 2, "".join(headings[-1:]), fence[2]))
            end = fence.end()
        elif end and not text[end:fence.start()].strip():
            found[-1].answer = fence[2]
            end = None
    return found


def _groups(blocks):
    """The blocks that make one program: those of a language in a section, and those above it."""
    for language in LANGUAGES:
        mine = [block for block in blocks if block.language == language]
        above = [block for block in mine if not block.section]
        sections = dict.fromkeys(block.section for block in mine if block.section)
        for section in sections:
            yield above + [block for block in mine if block.section == section]
        if above and not sections:
            yield above


def _path_of(program):
    """Where the packages are that a Python program imports; skips where one is missing."""
    names = re.findall(r"^(?:import|from) +([\w, ]+)", program, re.M)
    names = {name.strip().split(" ")[0] for line in names for name in line.split(",")}
    for folders in [[]] + [[str(folder)] for folder in PACKAGES]:
        if all(name in sys.builtin_module_names
               or importlib.machinery.PathFinder.find_spec(name, folders + sys.path)
               for name in names):
            return os.pathsep.join(folders + [os.environ.get("PYTHONPATH", "")])
    tap.skip("not all is there of %s" % ", ".join(sorted(names)))


def _answers(group, server, folder):
    """What each block of a group answered, as a page would show it."""
    begin, mark, form, runner = LANGUAGES[group[0].language]
    program = begin + "".join(mark + form % block.code for block in group)
    if not shutil.which(runner):
        tap.skip("%s is not there" % runner)
    (folder / "program").write_text(program)
    url = "http://%s:%d" % (server.host, server.port)
    environment = dict(os.environ, URL=url, TOKEN=server.token(), LC_ALL="C.UTF-8")
    if runner == sys.executable:
        environment["PYTHONPATH"] = _path_of(program)
    done = subprocess.run([runner, "program"], cwd=folder, env=environment, timeout=180,
                          stdin=subprocess.DEVNULL, capture_output=True)
    text = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n").replace(url, URL)
    answers = [answer.rstrip("\n") + "\n" if answer else "" for answer in text.split(MARK)[1:]]
    failed = done.returncode and runner != "sh"  # a command may be shown to fail
    assert len(answers) == len(group) and not failed, done.stderr.decode("utf-8", "replace")
    return answers


def _is_said(said, answered):
    """Whether it was answered as the page says, where … stands for anything."""
    pattern = ""
    for line in said.splitlines():
        parts = [re.escape(part) for part in line.split("…")]
        pattern += "(?:.*\n)*" if line.strip() == "…" else ".*".join(parts) + "\n"
    return re.fullmatch(pattern, answered) is not None


def _compare(block, answer):
    assert _is_said(block.answer, answer), "\n".join(difflib.unified_diff(
        block.answer.splitlines(), answer.splitlines(), "the page", "the answer", lineterm=""))


def _page(server, path, folder):
    """Tests of one page: a group is run once, then each of its blocks is a test."""
    done = set()
    for group in _groups(_blocks(path.read_text())):
        try:
            answers = _answers(group, server, folder)
        except (tap.Skip, AssertionError) as reason:
            answers = [reason] * len(group)
        for block, answer in zip(group, answers):
            if block not in done:
                yield "%s, %s" % (path.name, block), _one, block, answer
            done.add(block)


def _one(block, answer):
    if isinstance(answer, Exception):
        raise answer
    _compare(block, answer)


def what_a_page_runs_answers_as_it_says(server):
    """The last one is that of curl: it publishes a second snapshot."""
    folder = entrepot.temporary_folder()
    (folder / "examples").symlink_to(entrepot.ROOT / "examples")
    try:
        for path in sorted(PAGES.glob("*.md"), key=lambda path: path.name == "curl.md"):
            yield from _page(server, path, folder)
    finally:
        shutil.rmtree(folder)


def every_page_is_in_the_index(server):
    index = (PAGES / "README.md").read_text()
    for path in PAGES.glob("*.md"):
        assert path.name == "README.md" or re.search(r"\(%s[)#]" % path.name, index), path.name


def an_answer_is_compared_as_it_is_written(server):
    for said, answered, fits in (("a\n", "a\n", True), ("a\n", "b\n", False), ("", "a\n", False),
                                 ("a.c\n", "abc\n", False), ("a…c\n", "abc\n", True),
                                 ("a…c\n", "a\nc\n", False), ("a\n…\n", "a\nb\nc\n", True),
                                 ("a\n…\n", "a\n", True), ("…\nc\n", "a\nb\n", False)):
        assert _is_said(said, answered) == fits, (said, answered)


def _prepare(server):
    """The demo's deliveries and its run."""
    if not os.path.exists(COUNTRIES) or not shutil.which("curl") or not shutil.which("jq"):
        print("1..0 # SKIP iso-codes, curl and jq are needed")
        sys.exit(0)
    with open(COUNTRIES, "rb") as body:
        server.deliver("iso_countries?pointer=/3166-1", body.read(), "application/json").expect(201)
    continents = entrepot.ROOT / "examples" / "countries" / "data" / "continents.csv"
    server.deliver("country_continents", continents.read_bytes()).expect(201)
    assert server.run_pipeline("countries")["state"] == "published"


if __name__ == "__main__":
    entrepot.main(globals(), folder=entrepot.ROOT / "examples" / "countries", prepare=_prepare)
