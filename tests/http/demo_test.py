"""./dev demo --once: every command it shows is answered as it says."""
import os
import subprocess
import sys

import entrepot
import tap


def every_answer_of_the_demo_is_as_expected():
    for tool in ("curl", "jq"):
        if subprocess.run(["which", tool], stdout=subprocess.DEVNULL).returncode:
            tap.skip("%s is not there" % tool)
    if not os.path.exists("/usr/share/iso-codes/json/iso_3166-1.json"):
        tap.skip("iso-codes is not there")
    done = subprocess.run(["sh", str(entrepot.ROOT / "tools" / "demo.sh"), "--once"],
                          env=dict(os.environ, ENTREPOT_PROGRAM=entrepot.BINARY),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


if __name__ == "__main__":
    sys.exit(1 if tap.run(globals()) else 0)
