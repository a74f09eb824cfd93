"""A throw-away Postgres: for tests of a database that somebody else runs, and for the bench."""
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

import entrepot


def programs():
    """The folder of postgres and initdb, newest first; None when there is none."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"),
                   key=lambda path: -int(path.parts[4]))
    if found:
        return found[0].parent
    return pathlib.Path(shutil.which("initdb")).parent if shutil.which("initdb") else None


class Cluster:
    """A throw-away Postgres on a port of its own; as another user when we are root."""

    def __init__(self, settings=("fsync=off", "max_connections=100")):
        self.settings = settings
        self.home = entrepot.temporary_folder("entrepot-cluster-")
        self.bin = programs()
        self.user = None
        if os.geteuid() == 0:
            self.user = pwd.getpwnam("postgres")
            os.chown(self.home, self.user.pw_uid, self.user.pw_gid)
        self.run("initdb", "-D", self.home / "data", "-U", "postgres", "--auth=trust", "--no-sync",
                 "--encoding=UTF8", "--locale=C.UTF-8")
        self.port = None
        self.start()

    def _demote(self):
        if self.user:
            os.setgroups([])
            os.setgid(self.user.pw_gid)
            os.setuid(self.user.pw_uid)

    def run(self, program, *arguments):
        done = subprocess.run([str(self.bin / program), *map(str, arguments)], cwd=self.home,
                              preexec_fn=self._demote, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def start(self):
        if not self.port:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = free.getsockname()[1]
        self.log = open(self.home / "log", "ab")
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=%s" % self.home,
                    *self.settings]
        self.process = subprocess.Popen(
            [str(self.bin / "postgres"), "-D", str(self.home / "data"), "-p", str(self.port),
             *(word for setting in settings for word in ("-c", setting))],
            preexec_fn=self._demote, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + 60
        while self.psql("SELECT 1", check=False) != "1":
            assert time.monotonic() < end, "Postgres does not start: see %s/log" % self.home
            time.sleep(0.05)

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        self.process.wait(60)
        self.log.close()

    def psql(self, sql, database="postgres", user="postgres", check=True):
        done = subprocess.run(
            ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
             str(self.port), "-U", user, "-d", database, "-c", sql],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def url(self, database, user="postgres"):
        return "postgresql://%s@127.0.0.1:%d/%s" % (user, self.port, database)

    def socket_url(self, database, user="postgres"):
        return "postgresql:///%s?host=%s&port=%d&user=%s" % (database, self.home, self.port, user)

    def remove(self):
        if self.process.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.home, ignore_errors=True)
