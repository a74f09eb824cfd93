"""SQL for tests that look into the private cluster of a server, as its superuser."""
import contextlib
import os
import pwd
import subprocess

import cluster


def _psql(server, *arguments, **options):
    folder = server.data_dir / "socket"
    user = pwd.getpwuid((server.data_dir / "postgres").stat().st_uid)

    def demote():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
    return subprocess.Popen(
        [str(cluster.programs() / "psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h",
         str(folder), "-U", user.pw_name, "-d", "entrepot", *arguments],
        preexec_fn=demote, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def sql(server, text):
    """Run SQL; gives the rows as lines, columns parted by |."""
    with _psql(server, "-c", text, stdin=subprocess.DEVNULL) as psql:
        out = psql.communicate()[0]
    assert psql.returncode == 0, out
    return out.strip()


@contextlib.contextmanager
def locked(server, table):
    """While this is open nobody can read the table: a statement that begins to waits."""
    with _psql(server, stdin=subprocess.PIPE) as psql:
        try:
            psql.stdin.write("BEGIN; LOCK TABLE %s IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n"
                             % table)
            psql.stdin.flush()
            line = psql.stdout.readline()
            assert line == "locked\n", line
            yield
        finally:
            psql.stdin.close()  # it ends, and its transaction with it
