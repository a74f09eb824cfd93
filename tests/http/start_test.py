"""Starting: a wrong folder, a wrong option or a wrong surrounding is refused with what to do."""
import shutil
import signal
import socket
import sys
import threading

import entrepot
import tap
from entrepot import PRODUCT, Server

folder = entrepot.temporary_folder()


def _copy(name):
    """The product of these tests, to be broken."""
    target = folder / name
    shutil.copytree(PRODUCT, target)
    return target


def _change(path, old, new):
    text = path.read_text()
    assert old in text, "%s has no %r" % (path, old)
    path.write_text(text.replace(old, new, 1))


def _line_of(path, text):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if text in line:
            return number
    raise AssertionError("%s has no %r" % (path, text))


def _refused(result, *parts):
    """It ended by itself, not by a signal, and said each part."""
    said = result.stdout + result.stderr
    assert result.returncode > 0, "status %d: %s" % (result.returncode, said)
    for part in parts:
        assert part in said, "no %r in:\n%s" % (part, said)
    return said


def _serve(path, *options, **more):
    return entrepot.run("serve", path, "--listen", "127.0.0.1:0", "--data-dir", folder / "data",
                        *options, **more)


# --- the command line ------------------------------------------------------------------------

def the_version_is_told():
    result = entrepot.run("--version")
    assert result.returncode == 0 and result.stdout.startswith("entrepot "), result


def the_help_names_commands_options_and_environment():
    result = entrepot.run("--help")
    assert result.returncode == 0, result
    for word in ("serve", "check", "init", "token", "--listen", "--data-dir", "--max-body",
                 "ENTREPOT_"):
        assert word in result.stdout, word


def a_wrong_command_line_is_refused():
    for arguments, part in (
            (["sevre", PRODUCT], "sevre"),
            (["serve", PRODUCT, "--colour", "red"], "--colour"),
            (["serve", PRODUCT, "--workers", "many"], "--workers"),
            (["serve", PRODUCT, "--workers", "0"], "--workers"),
            (["serve", PRODUCT, "--max-body", "12 parsecs"], "--max-body"),
            (["serve", PRODUCT, "--listen", "nowhere"], "nowhere"),
            (["serve", PRODUCT, "--listen", "127.0.0.1:70000"], "70000"),
            (["serve", PRODUCT, "--log-level", "loud"], "loud"),
            (["serve", PRODUCT, "--algorithms", "HS256 none"], "none"),
            (["serve", PRODUCT, "--listen"], "--listen"),
            (["serve"], "serve"),
            (["check"], "check"),
            (["token", "--subject", "me", "--scope", "output:everything"], "output:everything")):
        yield " ".join(str(a) for a in arguments).replace(str(PRODUCT), "FOLDER"), _wrong_line, \
            arguments, part


def _wrong_line(arguments, part):
    # the data directory comes from the environment, so that the line stays as it is
    _refused(entrepot.run(*arguments, env={"ENTREPOT_DATA_DIR": str(folder / "data")}), part)


def a_wrong_environment_is_refused():
    _refused(_serve(PRODUCT, env={"ENTREPOT_MAX_BODY": "lots"}), "ENTREPOT_MAX_BODY", "lots")


# --- the folder ------------------------------------------------------------------------------

def the_product_of_these_tests_is_right():
    result = entrepot.run("check", PRODUCT)
    assert result.returncode == 0, result.stdout + result.stderr


def the_examples_are_right():
    for example in sorted((entrepot.ROOT / "examples").glob("*/product.odps.yaml")):
        yield example.parent.name, _example_is_right, example.parent


def _example_is_right(path):
    result = entrepot.run("check", path)
    assert result.returncode == 0, result.stdout + result.stderr


def _both_refuse(path, *parts):
    _refused(entrepot.run("check", path), *parts)
    _refused(_serve(path), *parts)


def a_missing_folder_is_refused():
    _both_refuse(folder / "nowhere", str(folder / "nowhere"))


def a_file_is_no_folder():
    (folder / "file").write_text("")
    _both_refuse(folder / "file", str(folder / "file"))


def an_empty_folder_is_refused():
    (folder / "empty").mkdir()
    _both_refuse(folder / "empty", "product.odps.yaml")


def broken_yaml_is_refused_by_file_and_line():
    path = _copy("broken-yaml")
    bad = path / "contracts" / "orders.odcs.yaml"
    _change(bad, "name: customer", "name: [customer")
    said = _refused(entrepot.run("check", path), "contracts/orders.odcs.yaml:")
    line = int(said.split("contracts/orders.odcs.yaml:")[1].split(":")[0])
    # libyaml tells where it could not go on, which is at or behind the bracket
    assert line >= _line_of(bad, "name: [customer"), said
    _refused(_serve(path), "contracts/orders.odcs.yaml:")


def an_unknown_type_is_refused_by_file_line_and_path():
    path = _copy("unknown-type")
    bad = path / "contracts" / "orders.odcs.yaml"
    _change(bad, "physicalType: boolean", "physicalType: maybe")
    line = _line_of(bad, "physicalType: maybe")
    _both_refuse(path, "contracts/orders.odcs.yaml:%d:" % line, "maybe", "physicalType")


def an_unknown_logical_type_is_refused():
    path = _copy("unknown-logical")
    bad = path / "contracts" / "orders.odcs.yaml"
    _change(bad, "logicalType: boolean", "logicalType: truth")
    _both_refuse(path, "contracts/orders.odcs.yaml:%d:" % _line_of(bad, "logicalType: truth"))


def two_datasets_of_one_name_are_refused():
    path = _copy("two-of-one")
    bad = path / "product.odps.yaml"
    _change(bad, "  - name: events\n", "  - name: orders\n")
    _both_refuse(path, "product.odps.yaml:", "orders")


def a_column_twice_is_refused():
    path = _copy("column-twice")
    bad = path / "contracts" / "orders.odcs.yaml"
    _change(bad, "- name: note", "- name: due")
    _both_refuse(path, "contracts/orders.odcs.yaml:", "due")


def a_port_without_its_contract_is_refused():
    path = _copy("no-contract")
    (path / "contracts" / "events.odcs.yaml").unlink()
    _both_refuse(path, "product.odps.yaml:", "shop.events")


def a_pipeline_of_an_unknown_dataset_is_refused():
    path = _copy("no-dataset")
    _change(path / "pipelines" / "sales.yaml", "input.orders", "input.ordres")
    _both_refuse(path, "pipelines/sales.yaml:", "ordres")


def an_unknown_member_is_refused():
    path = _copy("unknown-member")
    _change(path / "product.odps.yaml", "domain: sales", "domian: sales")
    _both_refuse(path, "product.odps.yaml:", "domian")


def a_member_twice_is_refused():
    path = _copy("member-twice")
    _change(path / "product.odps.yaml", "domain: sales", "domain: sales\ndomain: sale")
    _both_refuse(path, "product.odps.yaml:", "domain")


def a_yaml_bomb_is_refused():
    path = _copy("bomb")
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for i in range(1, 12):
        lines.append("a%d: &a%d [%s]" % (i, i, ", ".join(["*a%d" % (i - 1)] * 10)))
    (path / "access.yaml").write_text("\n".join(lines) + "\n")
    _both_refuse(path, "access.yaml")


def a_deep_document_is_refused():
    path = _copy("deep")
    (path / "access.yaml").write_text("[" * 20000 + "]" * 20000)
    _both_refuse(path, "access.yaml")


def a_file_that_is_no_text_is_refused():
    path = _copy("no-text")
    (path / "access.yaml").write_bytes(b"rules: \xff\xfe\x00\n")
    _both_refuse(path, "access.yaml")


def a_file_that_is_too_large_is_refused():
    path = _copy("large")
    (path / "access.yaml").write_text("# " + "x" * (2 << 20) + "\nrules: []\n")
    _both_refuse(path, "access.yaml")


def all_faults_of_all_files_are_told_at_once():
    path = _copy("many")
    _change(path / "product.odps.yaml", "domain: sales", "domian: sales")
    _change(path / "contracts" / "orders.odcs.yaml", "physicalType: boolean", "physicalType: maybe")
    _change(path / "contracts" / "orders.odcs.yaml", "physicalType: date", "physicalType: dat")
    _change(path / "pipelines" / "levels.yaml", "input.stock", "input.stack")
    _both_refuse(path, "domian", "maybe", "dat", "stack")


# --- init --------------------------------------------------------------------------------------

def init_writes_a_product_that_is_right_and_runs():
    path = folder / "new"
    result = entrepot.run("init", path)
    assert result.returncode == 0, result.stdout + result.stderr
    result = entrepot.run("check", path)
    assert result.returncode == 0, result.stdout + result.stderr
    with Server(path) as server:
        assert server.get("/discovery/product", token=None).status == 200
        server.stop_cleanly()


def init_leaves_a_folder_with_something_in_it_alone():
    path = folder / "taken"
    path.mkdir()
    (path / "thesis.txt").write_text("all of it")
    _refused(entrepot.run("init", path), str(path))
    assert sorted(p.name for p in path.iterdir()) == ["thesis.txt"]


# --- the surrounding -----------------------------------------------------------------------------

def a_port_in_use_is_refused_with_its_address():
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = "127.0.0.1:%d" % other.getsockname()[1]
        home = entrepot.temporary_folder()
        try:
            _refused(entrepot.run("serve", PRODUCT, "--listen", address, "--data-dir",
                                  home / "data", timeout=120), address)
        finally:
            shutil.rmtree(home, ignore_errors=True)


def an_address_that_is_not_ours_is_refused():
    _refused(_serve(PRODUCT, "--listen", "192.0.2.1:8080", timeout=120), "192.0.2.1")


def a_data_directory_that_another_server_holds_is_refused():
    with Server() as first:
        second = entrepot.run("serve", PRODUCT, "--listen", "127.0.0.1:0",
                              "--data-dir", first.data_dir, timeout=120)
        _refused(second, str(first.data_dir))
        assert first.get("/observability/health/ready", token=None).status == 200
        first.stop_cleanly()


def other_files_in_the_data_directory_are_left_alone():
    path = folder / "not-only-ours"
    path.mkdir()
    (path / "thesis.txt").write_text("all of it")
    with Server(data_dir=path) as server:
        server.stop_cleanly()
    assert (path / "thesis.txt").read_text() == "all of it"


def postgres_missing_is_refused_with_what_to_do():
    said = _refused(_serve(PRODUCT, "--postgres-bin", folder / "nowhere"), str(folder / "nowhere"))
    assert "postgres" in said.lower(), said


def postgres_too_old_is_refused_with_its_version():
    old = folder / "old-bin"
    old.mkdir()
    for name in ("postgres", "initdb", "pg_ctl"):
        (old / name).write_text('#!/bin/sh\necho "%s (PostgreSQL) 13.14"\n' % name)
        (old / name).chmod(0o755)
    _refused(_serve(PRODUCT, "--postgres-bin", old), "13", "15")


def a_database_that_is_not_there_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    said = _refused(_serve(PRODUCT, "--database", "postgresql://me:secret@127.0.0.1:%d/x" % port,
                           timeout=120))
    assert "secret" not in said, said


class _OldPostgres(threading.Thread):
    """Speaks just enough of the protocol to say that it is Postgres 13."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    @staticmethod
    def message(kind, body):
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    def answer(self, kind, body):
        """To whatever is asked: one row, of the version and of true."""
        def field(name, oid):
            return name + b"\0" + bytes(6) + oid.to_bytes(4, "big") + b"\0\4" + b"\xff" * 4 + b"\0\1"
        columns = self.message(b"T", b"\0\2" + field(b"version", 23) + field(b"has", 16))
        row = b"\0\2" + (4).to_bytes(4, "big") + (130014).to_bytes(4, "big") + (
            1).to_bytes(4, "big") + b"\1"
        return {
            b"P": self.message(b"1", b""),
            b"B": self.message(b"2", b""),
            b"D": (self.message(b"t", b"\0\1" + (25).to_bytes(4, "big")) if body[:1] == b"S"
                   else b"") + columns,
            b"E": self.message(b"D", row) + self.message(b"C", b"SELECT 1\0"),
            b"Q": self.message(b"C", b"SET\0") + self.message(b"Z", b"I"),
            b"S": self.message(b"Z", b"I"),
        }.get(kind, b"")

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.serve(connection)

    def serve(self, connection):
        try:
            while True:
                start = connection.recv(4096)
                if start[4:8] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):  # TLS, GSS: no
                    connection.sendall(b"N")
                    continue
                break
            answer = self.message(b"R", (0).to_bytes(4, "big"))
            for name, value in (("server_version", "13.14"), ("client_encoding", "UTF8"),
                                ("server_encoding", "UTF8"), ("standard_conforming_strings", "on"),
                                ("integer_datetimes", "on")):
                answer += self.message(b"S", name.encode() + b"\0" + value.encode() + b"\0")
            answer += self.message(b"Z", b"I")
            connection.sendall(answer)
            data = b""
            while True:
                piece = connection.recv(4096)
                if not piece:
                    return
                data += piece
                while len(data) >= 5 and len(data) > int.from_bytes(data[1:5], "big"):
                    size = 1 + int.from_bytes(data[1:5], "big")
                    connection.sendall(self.answer(data[:1], data[5:size]))
                    data = data[size:]
        except OSError:
            pass


def a_database_that_is_too_old_is_refused_with_its_version():
    old = _OldPostgres()
    old.start()
    try:
        _refused(_serve(PRODUCT, "--database", "postgresql://me@127.0.0.1:%d/x?sslmode=disable" %
                        old.port, timeout=120), "13", "15")
    finally:
        old.listener.close()


def a_missing_jwks_is_refused():
    _refused(_serve(PRODUCT, "--jwks", folder / "no.json", timeout=120), str(folder / "no.json"))


def a_signal_while_starting_ends_it():
    with Server(start=False) as server:
        server.launch()
        server.signal(signal.SIGTERM)
        assert server.wait(60) is not None, server.recent_log()


# --- applying ----------------------------------------------------------------------------------

def the_plan_is_told_and_applying_again_changes_nothing():
    address = ["--public-url", "https://data.example/shop"]
    with Server(PRODUCT, *address) as first:
        log = "\n".join(first.lines)
        for name in ("orders", "sales", "daily"):
            assert name in log, log
        tag = first.get("/discovery/product", token=None).header("ETag")
        first.stop_cleanly()
        with Server(PRODUCT, *address, data_dir=first.data_dir) as again:
            assert "nothing has changed" in "\n".join(again.lines), again.recent_log()
            assert again.get("/discovery/product", token=None).header("ETag") == tag
            again.stop_cleanly()


def a_breaking_change_of_a_contract_is_refused_with_the_reason():
    path = _copy("breaking")
    with Server(path) as first:
        first.stop_cleanly()
        bad = path / "contracts" / "sales.odcs.yaml"
        text = bad.read_text()
        bad.write_text(text[:text.index("      - name: note")].replace(
            "version: 1.0.0", "version: 1.1.0", 1))
        _change(path / "pipelines" / "sales.yaml", ", note FROM", " FROM")
        _change(path / "pipelines" / "sales.yaml", "version: 1.0.0", "version: 1.1.0")
        refused = entrepot.run("serve", path, "--listen", "127.0.0.1:0", "--data-dir",
                               first.data_dir, timeout=120)
        _refused(refused, "sales", "note")


def another_contract_under_the_same_version_is_refused():
    path = _copy("same-version")
    with Server(path) as first:
        first.stop_cleanly()
        _change(path / "contracts" / "sales.odcs.yaml", "maxLength: 41", "maxLength: 40")
        refused = entrepot.run("serve", path, "--listen", "127.0.0.1:0", "--data-dir",
                               first.data_dir, timeout=120)
        _refused(refused, "sales", "1.0.0")


if __name__ == "__main__":
    try:
        failures = tap.run(globals())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failures else 0)
