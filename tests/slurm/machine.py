"""A Slurm of two nodes on this host, for as long as a test takes: no systemd, no cgroups, nothing left behind."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NODES = ("n1", "n2")
CONFIGURATION = """ClusterName=femsacrum
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={place}/munge.socket
SlurmctldPort={port}
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/%n.spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=20
KillWait=10
SchedulerParameters=sched_interval=5
PartitionName=test Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
"""


def install() -> None:
    """Debian's packages, where they are not there."""
    if all(map(shutil.which, ("slurmctld", "slurmd", "munged", "sbatch"))):
        return
    if os.getuid() or not shutil.which("apt-get"):
        raise SystemExit("slurm-wlm and munge are not here; as root on Debian this installs them")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, stdout=subprocess.DEVNULL)
    wanted = ["apt-get", "install", "-y", "--no-install-recommends", "slurm-wlm", "munge"]
    subprocess.run(wanted, check=True, env=quiet, stdout=subprocess.DEVNULL)


@contextmanager
def slurm(place: Path, processors: int = 1, port: int = 16817) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Controller and nodes; SLURM_CONF says where, for as long as it runs.

    Args:
        place: Folder for what they write.
        processors: Of each node, as it is told.
        port: First of three that are free.

    Yields:
        Name -> process.
    """
    host = socket.gethostname()
    nodes = [
        f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port + number} CPUs={processors} "
        "RealMemory=4000 State=UNKNOWN"
        for number, name in enumerate(NODES, start=1)
    ]
    for name in ("state", *(f"{node}.spool" for node in NODES)):
        (place / name).mkdir()
    (place / "slurm.conf").write_text(
        CONFIGURATION.format(host=host, place=place, port=port) + "\n".join(nodes) + "\n"
    )
    (place / "munge.key").write_bytes(os.urandom(1024))
    (place / "munge.key").chmod(0o600)
    os.environ["SLURM_CONF"] = str(place / "slurm.conf")
    munge = [f"--{key}-file={place}/munge.{key}" for key in ("key", "pid", "log", "seed")]
    commands = {
        "munged": ["munged", "--foreground", "--force", f"--socket={place}/munge.socket", *munge],
        "slurmctld": ["slurmctld", "-D", "-c"],
        **{node: ["slurmd", "-D", "-N", node] for node in NODES},
    }
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            with (place / f"{name}.out").open("wb") as said:
                started[name] = subprocess.Popen(command, stdout=said, stderr=said)
            time.sleep(1.0)
        _wait_for_nodes()
        yield started
    finally:
        subprocess.run(["scancel", f"--user={os.getuid()}"], check=False, timeout=60, capture_output=True)
        time.sleep(2.0)
        for name in reversed(list(started)):
            started[name].terminate()
            try:
                started[name].wait(20)
            except subprocess.TimeoutExpired:
                started[name].kill()


def _wait_for_nodes(seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done = subprocess.run(["sinfo", "-h", "-N", "-o", "%T"], capture_output=True, text=True, check=False)
        if done.stdout.split() == ["idle"] * len(NODES):
            return
        time.sleep(1.0)
    raise SystemExit(f"the nodes do not come up: {done.stdout} {done.stderr}")
