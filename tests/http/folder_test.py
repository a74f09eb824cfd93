"""A folder on disk: what is followed, what is left alone, and what is refused, by `check` and `init`."""
import os
import pathlib
import shutil
import sys

import entrepot
import tap

folder = entrepot.temporary_folder()
top = pathlib.Path(folder)


def _made(name):
    """A product that is right."""
    path = top / name
    done = entrepot.run("init", path)
    assert done.returncode == 0, done.stderr
    return path


def _right(path):
    done = entrepot.run("check", path)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _refused(path, *parts):
    done = entrepot.run("check", path)
    said = done.stdout + done.stderr
    assert done.returncode == 1, "%d: %s" % (done.returncode, said)
    for part in parts:
        assert part in said, "no %r in:\n%s" % (part, said)


def links_within_the_folder_are_followed():
    """As Kubernetes mounts a ConfigMap: every name leads through ..data to a folder with a date."""
    made = _made("config-map-of")
    path = top / "config-map"
    path.mkdir()
    shutil.move(made, path / "..2026_11_20")
    (path / "..data").symlink_to("..2026_11_20")
    for name in ("product.odps.yaml", "access.yaml", "contracts", "pipelines"):
        (path / name).symlink_to("..data/" + name)
    _right(path)
    (top / "link-to-it").symlink_to(path)
    _right(top / "link-to-it")


def links_out_of_the_folder_are_refused():
    outside = _made("outside")
    for name, target in (("absolute", outside / "access.yaml"), ("above", "../outside/access.yaml")):
        path = _made("link-" + name)
        (path / "access.yaml").unlink()
        (path / "access.yaml").symlink_to(target)
        yield name, _refused, path, "access.yaml: it is a link that leads out of the folder"
    path = _made("link-folder")
    shutil.rmtree(path / "pipelines")
    (path / "pipelines").symlink_to(outside / "pipelines")
    yield "a folder", _refused, path, "pipelines: it is a link that leads out of the folder"


def what_is_no_file_is_refused():
    path = _made("no-files")
    os.mkfifo(path / "contracts" / "pipe.odcs.yaml")
    (path / "contracts" / "circle.odcs.yaml").symlink_to("circle.odcs.yaml")
    (path / "pipelines" / "folder.yaml").mkdir()
    _refused(path, "contracts/pipe.odcs.yaml: it is not a plain file",
             "contracts/circle.odcs.yaml: it is a link that is not followed",
             "pipelines/folder.yaml: it is not a plain file")


def too_many_files_are_refused():
    path = _made("many")
    for number in range(501):
        (path / "contracts" / ("%03d.sql" % number)).write_text("")
    _refused(path, "a folder has at most 500 files")


def too_many_bytes_are_refused():
    path = _made("bytes")
    for number in range(17):
        (path / "pipelines" / ("%02d.sql" % number)).write_text("-" * 1048500)
    _refused(path, "16777216 of a folder")


def a_name_that_is_not_utf_8_is_refused():
    path = _made("name")
    (pathlib.Path(os.fsdecode(os.fsencode(path) + b"/contracts/\xff.odcs.yaml"))).write_text("")
    _refused(path, "contracts: the name of a file in it is not UTF-8")


def other_files_are_left_alone():
    path = _made("others")
    (path / ".git").mkdir()
    (path / ".git" / "x.yaml").write_text("[")
    (path / "data").mkdir()
    (path / "data" / "large.csv").write_text("x" * 2000000)
    (path / "data.bin").write_bytes(b"\0\xff")
    assert "warning" not in _right(path)


def files_that_are_almost_right_are_warned_of():
    path = _made("almost")
    (path / "contracts" / "more.yaml").write_text("[")
    (path / "product.odps.yml").write_text("[")
    (path / "pipelines" / "spare.sql").write_text("SELECT 1")
    said = _right(path)
    for name in ("contracts/more.yaml", "product.odps.yml", "pipelines/spare.sql"):
        assert name in said, said


def a_new_repository_can_be_initialised():
    path = top / "repository"
    (path / ".git").mkdir(parents=True)
    done = entrepot.run("init", path)
    assert done.returncode == 0, done.stderr
    _right(path)


def init_says_why_it_cannot():
    (top / "file").write_text("")
    for name, reason in (("file", "Not a directory"), ("file/below", "Not a directory"),
                         ("not/there", "No such file")):
        done = entrepot.run("init", top / name)
        assert done.returncode == 1 and reason in done.stderr, done.stderr


if __name__ == "__main__":
    try:
        failures = tap.run(globals())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failures else 0)
