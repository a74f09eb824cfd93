"""How the server is asked: many small requests with wrk, one large answer or body with curl."""
import json
import re
import subprocess

SCRIPT = """
local paths = {%s}
local heads = {%s}
local requests, at = {}, 0
init = function()
    for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path, heads) end
end
request = function()
    at = at %% #requests + 1
    return requests[at]
end
"""
BYTES = {"B": 1, "KB": 1024, "MB": 1024 ** 2, "GB": 1024 ** 3}


def wrk(script, url, paths, fields, connections, seconds):
    """Requests per second, and bytes per second; every answer must be a good one."""
    quoted = ",\n".join(json.dumps(path) for path in paths)
    heads = ", ".join("[%s]=%s" % (json.dumps(k), json.dumps(v)) for k, v in fields.items())
    script.write_text(SCRIPT % (quoted, heads))
    out = subprocess.run(["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "--timeout",
                          "%ds" % (seconds + 10), "-s", str(script), url],
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    wrong = re.search(r"(Non-2xx or 3xx responses: \d+|Socket errors: .*)", out)
    if wrong:
        raise SystemExit("bench: wrk: %s of %s" % (wrong[1], url + paths[0]))
    amount, unit = re.search(r"Transfer/sec:\s+([\d.]+)([KMG]?B)", out).groups()
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), float(amount) * BYTES[unit])


def curl(url, *options):
    """One request: its status, its seconds, its body."""
    out = subprocess.run(["curl", "-s", "-S", "-w", "\n%{http_code} %{time_total}", *options, url],
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    body, _, last = out.rpartition("\n")
    status, seconds = last.split()
    return int(status), float(seconds), body


PACED = """
delay = function() return %d end
"""


def readers(script, url, authorization, connections, pause_ms):
    """Clients that ask, pause and ask again, until their process is terminated; gives it. They do not
    take the whole machine, as clients without a pause would."""
    script.write_text(PACED % pause_ms)
    return subprocess.Popen(["wrk", "-t1", "-c%d" % connections, "-d3600s", "-s", str(script), "-H",
                             "Authorization: " + authorization, url],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
