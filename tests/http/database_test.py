"""A Postgres that somebody else runs: bootstrap, missing rights, restarts, several servers."""
import shutil
import signal
import subprocess
import sys

import entrepot
import tap
from cluster import Cluster, programs
from entrepot import Server


def _database(cluster, name):
    cluster.psql("CREATE DATABASE %s" % name)
    return cluster.url(name)


def _use(server):
    server.deliver("stock", "sku,level\na,4\n").expect(201)
    run = server.run_pipeline("levels")
    assert run["state"] in ("published", "reused"), run
    assert [row["sku"] for row in server.get("/output/levels?filter=sku%20eq%20'a'").json] == ["a"]


def a_named_database_is_bootstrapped_and_used(cluster):
    with Server(entrepot.PRODUCT, "--database", _database(cluster, "named")) as server:
        _use(server)
        assert not (server.data_dir / "postgres").exists(), "no private cluster"
        server.stop_cleanly()
    with Server(entrepot.PRODUCT, "--database", cluster.url("named")) as again:
        assert [row["sku"] for row in again.get("/output/levels").json] == ["a"]
        again.stop_cleanly()


def every_table_and_column_of_the_model_is_commented(cluster):
    missing = cluster.psql("""
        SELECT c.oid::regclass || coalesce('.' || a.attname, '')
          FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE n.nspname = 'meta' AND c.relkind IN ('r', 'v')
           AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)
         ORDER BY 1""", "named")
    assert missing == "", missing


def the_pipeline_role_can_read_nothing_of_ours(cluster):
    assert cluster.psql("SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR "
                        "rolreplication FROM pg_roles WHERE rolname = 'entrepot_pipeline'") == "f"
    for sql in ("SELECT * FROM meta.datum", "SELECT * FROM meta.run", "CREATE TABLE data.x (a int)",
                "CREATE TABLE public.x (a int)", "CREATE TEMP TABLE x (a int)",
                "SET ROLE entrepot_owner"):
        yield sql, _denied, cluster, sql


def _denied(cluster, sql):
    done = subprocess.run(
        ["psql", "-X", "-v", "ON_ERROR_STOP=1", "-d", cluster.url("named", "entrepot_pipeline"),
         # read only is its default, which a session may change
         "-c", "SET default_transaction_read_only = off", "-c", sql], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode != 0 and "permission denied" in done.stderr, done


def unsafe_roles_stop_the_start_with_the_reason(cluster):
    for name, do, undo, part in (
            ("a superuser", "ALTER ROLE entrepot_pipeline SUPERUSER",
             "ALTER ROLE entrepot_pipeline NOSUPERUSER", "entrepot_pipeline"),
            ("a member of something", "CREATE ROLE others; GRANT others TO entrepot_pipeline",
             "DROP ROLE others", "entrepot_pipeline"),
            ("an owner of something", "CREATE TABLE public.its (a int); ALTER TABLE public.its OWNER "
             "TO entrepot_pipeline", "DROP TABLE public.its", "entrepot_pipeline"),
            ("one that may create", "GRANT CREATE ON SCHEMA data TO entrepot_pipeline",
             "REVOKE CREATE ON SCHEMA data FROM entrepot_pipeline", "entrepot_pipeline")):
        yield name, _unsafe, cluster, do, undo, part


def _unsafe(cluster, do, undo, part):
    cluster.psql(do, "named")
    try:
        home = entrepot.temporary_folder()
        try:
            # a superuser may put the roles right again instead; then it starts, and they are right
            server = Server(entrepot.PRODUCT, "--database", cluster.url("named", "entrepot_owner"),
                            data_dir=home / "data", start=False)
            server.launch()
            status = server.wait(60)
            if status is None:
                server.stop()
                raise AssertionError("it serves with unsafe roles:\n" + server.recent_log())
            assert status > 0 and part in "\n".join(server.lines), server.recent_log()
        finally:
            shutil.rmtree(home, ignore_errors=True)
    finally:
        cluster.psql(undo, "named")


def without_the_right_the_administrator_is_given_a_script(_):
    other = Cluster()
    try:
        other.psql("CREATE ROLE limited LOGIN")
        other.psql("CREATE DATABASE granted OWNER limited")
        arguments = ["--database", other.url("granted", "limited")]
        refused = entrepot.run("serve", entrepot.PRODUCT, "--listen", "127.0.0.1:0", *arguments,
                               "--data-dir", other.home / "ours", timeout=120)
        said = refused.stdout + refused.stderr
        assert refused.returncode > 0 and "entrepot database-script" in said, said
        script = entrepot.run("database-script")
        assert script.returncode == 0 and "entrepot_pipeline" in script.stdout, script
        for _ in range(2):  # it may be run again
            done = subprocess.run(
                ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", other.url("granted")],
                input=script.stdout, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        other.psql("GRANT entrepot_owner TO limited")
        with Server(entrepot.PRODUCT, *arguments) as server:
            _use(server)
            server.stop_cleanly()
    finally:
        other.remove()


def a_restart_of_Postgres_in_the_middle_of_a_stream_is_seen_as_a_cut(cluster):
    with Server(entrepot.PRODUCT, "--database", _database(cluster, "streams")) as server:
        note = "x" * 1000
        lines = ["id,customer,amount,sold_at,paid,qty,due,note\n"]
        lines += ["%d,Ada,1.00,2026-01-02T03:04:05Z,true,3,2026-02-01,%s\n" % (number, note)
                  for number in range(40000)]
        server.deliver("orders", "".join(lines).encode()).expect(201)
        assert server.run_pipeline("sales")["state"] == "published"
        with server.connect(timeout=120) as connection:
            connection.sendall(("GET /output/sales HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s"
                                "\r\n\r\n" % server.token()).encode())
            first = connection.recv(65536)
            assert first.startswith(b"HTTP/1.1 200"), first[:200]
            cluster.stop(signal.SIGQUIT)
            rest = entrepot.read_all(connection)
        assert not (first + rest).endswith(b"\r\n0\r\n\r\n"), "a cut stream looks like an end"
        answer = server.get("/output/sales?filter=id%20eq%201")
        assert answer.status in (200, 503), answer
        if answer.status == 503:
            answer.problem(503, "store-unavailable")
            assert answer.header("Retry-After"), answer.headers
        assert server.get("/observability/health/live", token=None).status == 200
        assert server.get("/observability/health/ready", token=None).status == 503
        answer = server.deliver("stock", "sku,level\na,1\n")
        answer.problem(503, "store-unavailable")
        cluster.start()
        tap.until(lambda: server.get("/observability/health/ready", token=None).status == 200, 60,
                  0.1)
        tap.until(lambda: server.get("/output/sales?filter=id%20eq%201").status == 200, 60, 0.1)
        server.deliver("stock", "sku,level\na,1\n").expect(201)
        assert server.get("/output/sales?format=csv&select=id").expect(200).text.count("\n") == 40001
        server.stop_cleanly()


def two_servers_share_a_database(cluster):
    url = _database(cluster, "shared")
    with Server(entrepot.PRODUCT, "--database", url) as first:
        with Server(entrepot.PRODUCT, "--database", url) as second:
            first.deliver("stock", "sku,level\na,4\n").expect(201)
            run = second.run_pipeline("levels")
            assert run["state"] == "published", run
            for server in (first, second):
                tap.until(lambda: server.get("/output/levels?filter=sku%20eq%20'a'").status == 200)
            first.put("/control/pipelines/other", {
                "name": "other", "version": "1.0.0", "inputs": {"stock": {"dataset": "input.stock"}},
                "steps": [{"name": "levels", "output": "output.levels", "sql":
                           "SELECT sku, level, 0.0 AS share FROM stock"}]}).expect(201)
            tap.until(lambda: second.get("/control/pipelines/other").status == 200)
            assert second.run_pipeline("other")["state"] == "published"
            # what one publishes the other serves, without being told by us
            tap.until(lambda: first.get("/output/levels").json[0]["share"] == 0)
            second.stop_cleanly()
        first.stop_cleanly()


def a_changed_migration_stops_the_start(cluster):
    table = cluster.psql("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN "
                         "pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'migration'",
                         "named")
    assert table, "migrations are not recorded"
    cluster.psql("UPDATE %s SET sha256 = repeat('0', 64)" % table, "named")
    refused = entrepot.run("serve", entrepot.PRODUCT, "--listen", "127.0.0.1:0", "--database",
                           cluster.url("named"), "--data-dir", cluster.home / "ours", timeout=120)
    assert refused.returncode > 0 and "0001" in refused.stdout + refused.stderr, refused


if __name__ == "__main__":
    if not programs():
        print("1..0 # SKIP no Postgres is installed")
        sys.exit(0)
    the_cluster = Cluster()
    try:
        failures = tap.run(globals(), the_cluster)
    finally:
        the_cluster.remove()
    sys.exit(1 if failures else 0)
