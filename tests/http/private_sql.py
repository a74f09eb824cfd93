"""SQL for tests that look into the private cluster of a server, as its superuser."""
import os
import pwd
import subprocess

import cluster


def sql(server, text):
    """Run SQL; gives the rows as lines, columns parted by |."""
    folder = server.data_dir / "socket"
    user = pwd.getpwuid((server.data_dir / "postgres").stat().st_uid)

    def demote():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
    done = subprocess.run(
        [str(cluster.programs() / "psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h",
         str(folder), "-U", user.pw_name, "-d", "entrepot", "-c", text],
        preexec_fn=demote, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()
