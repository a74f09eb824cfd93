"""What ours is measured beside: psql, pgbench, nginx."""
import re
import socket
import subprocess
import time
import urllib.request


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Nginx:
    """Static files, served as nginx serves them best."""

    def __init__(self, home):
        port = free_port()
        home.mkdir()
        home.chmod(0o755)
        self.home = home
        (home / "row.json").write_text('[{"id":5,"customer":"somebody","qty":7}]\n')
        (home / "nginx.conf").write_text("""
worker_processes auto;
pid %(home)s/pid;
error_log %(home)s/error.log;
events { worker_connections 1024; }
http {
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
    client_body_temp_path %(home)s/t1; proxy_temp_path %(home)s/t2; fastcgi_temp_path %(home)s/t3;
    uwsgi_temp_path %(home)s/t4; scgi_temp_path %(home)s/t5;
    server { listen 127.0.0.1:%(port)d reuseport; root %(home)s; }
}
""" % {"home": home, "port": port})
        self.process = subprocess.Popen(
            ["nginx", "-p", str(home), "-c", str(home / "nginx.conf"), "-g", "daemon off;"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = "http://127.0.0.1:%d" % port
        end = time.monotonic() + 20
        while True:
            try:
                self.tag = self._tag()
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def _tag(self):
        with urllib.request.urlopen(self.base + "/row.json") as answer:
            return answer.headers["ETag"]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def psql(url, *commands):
    done = subprocess.run(
        ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", url,
         *(word for command in commands for word in ("-c", command))],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit("bench: psql: " + done.stderr)
    return done.stdout.strip()


def psql_seconds(url, *commands):
    """The last command timed by psql itself, without its start."""
    out = psql(url, *commands[:-1], "\\timing on", commands[-1])
    return float(re.search(r"Time: ([\d.]+) ms", out)[1]) / 1000


def pgbench(program, url, script, connections, seconds):
    """Transactions per second of a file of SQL."""
    out = subprocess.run(
        [str(program), "-n", "-M", "prepared", "-c", str(connections), "-j", "1", "-T",
         str(seconds), "-f", str(script), url],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"tps = ([\d.]+)", out)[1])
