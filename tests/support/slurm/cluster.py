"""A real SLURM of one node on loopback, with pretended GPUs, for tests: as root, and where no other is.

    python tests/support/slurm/cluster.py start FOLDER [--install]
    python tests/support/slurm/cluster.py stop FOLDER
    python tests/support/slurm/cluster.py install

Needs nothing but the standard library. Everything lies in FOLDER but for the links in /etc/slurm: what runs
inside a job looks there, because the executor's plugin keeps SLURM_CONF from it.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from string import Template

PACKAGES = ("munge", "slurmctld", "slurmd", "slurm-client", "slurmdbd", "mariadb-server")
#: In the order they start in; they are stopped in the reverse order.
DAEMONS = ("munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd")
PROGRAMS = (*DAEMONS, "sbatch", "sacct", "sacctmgr", "squeue", "scancel", "mariadb", "mariadb-install-db")
ETC = Path("/etc/slurm")
CONFIGURATION = ("slurm.conf", "slurmdbd.conf", "gres.conf")
ACCOUNT = "tests"
GPUS = 2


class ClusterError(Exception):
    """SLURM cannot be started here; the message says why."""


def obstacle() -> str | None:
    """Say in a sentence why SLURM cannot be started here, or return None."""
    if os.geteuid() != 0:
        return "SLURM is started as root only, and this is another user"
    if absent := [program for program in PROGRAMS if which(program) is None]:
        return f"SLURM is not installed here, {absent[0]} is missing: tests/support/slurm/cluster.py install"
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    if any(lives(pid, "slurmctld") for pid in pids):
        return "another SLURM runs on this machine, which is left alone"
    # A link is what such a cluster has left behind that was not stopped.
    for path in (ETC / name for name in CONFIGURATION):
        if path.is_file() and not path.is_symlink():
            return f"{path} is the configuration of another SLURM, which is left alone"
    return None


def which(program: str) -> str | None:
    """Find a program; daemons are not on everybody's path."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def install() -> None:
    """Install the packages with apt-get; does nothing where they are there."""
    if any(which(program) is None for program in PROGRAMS):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (("update",), ("install", "-y", "--no-install-recommends", *PACKAGES)):
            subprocess.run(("apt-get", "-qq", *arguments), env=environment, stdout=sys.stderr, check=True)


def start(folder: Path) -> None:
    """Start all daemons with their state in `folder`, and return when jobs can be submitted.

    Raises
    ------
    ClusterError
        Where it cannot be done; nothing is left running.
    """
    if (reason := obstacle()) is not None:
        raise ClusterError(reason)
    folder = folder.resolve()
    for part in ("state", "spool", "log", "database"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    configure(folder)
    try:
        start_munge(folder)
        start_database(folder)
        start_accounting(folder)
        start_daemon(folder, "slurmctld", "-D")
        start_daemon(folder, "slurmd", "-D")
        wait("the node", lambda: "idle" in output("sinfo", "--noheader", "--format", "%T"))
    except BaseException:
        stop(folder)
        raise


def configure(folder: Path) -> None:
    """Write the configuration, make the GPUs' device nodes, and link the former where SLURM looks for it."""
    ports = free_ports(4)
    values = {
        "folder": str(folder),
        "host": socket.gethostname().split(".")[0],
        "gpus": GPUS,
        "last_gpu": GPUS - 1,
        "password": secrets.token_hex(),
        **dict(zip(("controller_port", "node_port", "accounting_port", "database_port"), ports, strict=True)),
    }
    for number in range(GPUS):
        device = folder / f"gpu{number}"
        if not device.exists():
            os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))  # as /dev/null: SLURM wants a device
    ETC.mkdir(exist_ok=True)
    for name in CONFIGURATION:
        template = Template(Path(__file__).with_name(f"{name}.template").read_text())
        (folder / name).write_text(template.substitute(values))
        (folder / name).chmod(0o600)
        (ETC / name).unlink(missing_ok=True)
        (ETC / name).symlink_to(folder / name)
    (folder / "password").write_text(values["password"])
    (folder / "database_port").write_text(str(values["database_port"]))


def free_ports(count: int) -> list[int]:
    """Find ports of loopback that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def start_munge(folder: Path) -> None:
    """Start the service by which the daemons know each other, with a key of its own."""
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o600)
    files = [f"--{name}-file={folder / f'munge.{name}'}" for name in ("key", "pid", "seed", "log")]
    start_daemon(folder, "munged", "--foreground", "--force", f"--socket={folder / 'munge.socket'}", *files)
    wait("munge", (folder / "munge.socket").exists)


def start_database(folder: Path) -> None:
    """Start the database that accounting writes to."""
    data, password = folder / "database", (folder / "password").read_text()
    own = ("--no-defaults", "--user=root")
    if not (data / "mysql").exists():
        options = (*own, f"--datadir={data}", "--auth-root-authentication-method=socket", "--skip-test-db")
        output("mariadb-install-db", *options)
    door = f"--socket={folder / 'database.socket'}"
    listen = ("--bind-address=127.0.0.1", f"--port={(folder / 'database_port').read_text()}")
    memory = ("--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0")
    pid = f"--pid-file={folder / 'mariadbd.service.pid'}"
    start_daemon(folder, "mariadbd", *own, f"--datadir={data}", door, pid, *listen, *memory)
    client = ("mariadb", "--no-defaults", door, "--execute")
    wait("the database", lambda: bool(output(*client, "SELECT 1")))
    output(
        *client,
        "CREATE DATABASE IF NOT EXISTS slurm_acct_db;"
        f"CREATE OR REPLACE USER slurm@localhost IDENTIFIED BY '{password}';"
        "GRANT ALL ON slurm_acct_db.* TO slurm@localhost;",
    )


def start_accounting(folder: Path) -> None:
    """Start accounting, which knows one account and root as its user."""
    start_daemon(folder, "slurmdbd", "-D")
    wait("accounting", lambda: output("sacctmgr", "--noheader", "list", "cluster") is not None)
    if "tests" not in output("sacctmgr", "--noheader", "list", "cluster"):
        for words in ("cluster tests", f"account {ACCOUNT} cluster=tests", f"user root account={ACCOUNT}"):
            output("sacctmgr", "--immediate", "add", *words.split())


def output(program: str, *arguments: str, seconds: float = 30) -> str:
    """Run a program to its end and return what it wrote.

    Raises
    ------
    ClusterError
        Where it fails, or hangs as SLURM's clients do when their daemon does not answer.
    """
    try:
        done = subprocess.run(
            (which(program) or program, *arguments), capture_output=True, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise ClusterError(f"{program} did not answer in {seconds} s") from None
    if done.returncode:
        raise ClusterError(f"{program} {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def wait(what: str, ready: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until `ready` returns true; while the daemon is not yet there, a client's failure is none."""
    deadline, reason = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        try:
            if ready():
                return
        except ClusterError as error:
            reason = f": {error}"
        time.sleep(0.2)
    raise ClusterError(f"{what} was not ready in {seconds} s{reason}")


def start_daemon(folder: Path, name: str, *arguments: str) -> None:
    """Start a daemon in the foreground of a session of its own, and note its process."""
    log = folder / "log" / f"{name}.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            (which(name), *arguments), stdin=subprocess.DEVNULL, stdout=written, stderr=written, cwd=folder,
            start_new_session=True,
        )  # fmt: skip
    (folder / f"{name}.pid").write_text(str(process.pid))


def process_of(folder: Path, name: str) -> int | None:
    """Return the process of a daemon that was started for `folder`, if it lives."""
    try:
        pid = int((folder / f"{name}.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if lives(pid, name) else None


def lives(pid: int, name: str) -> bool:
    """Tell whether there is such a process: not a zombie, nor another one that has got the number since."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return status.startswith(f"Name:\t{name}\n") and "\nState:\tZ" not in status


def running(folder: Path) -> list[str]:
    """Return the daemons of `folder` that live."""
    return [name for name in DAEMONS if process_of(folder, name) is not None]


def stop(folder: Path) -> None:
    """Cancel the jobs, stop the daemons that were started for `folder`, and remove its links."""
    folder = folder.resolve()
    if {"slurmctld", "slurmd"} <= set(running(folder)):
        try:
            output("scancel", "--user", "root", seconds=10)
            wait("the end of the jobs", lambda: not output("squeue", "--noheader"), seconds=20)
        except ClusterError as error:
            print(error, file=sys.stderr)
    for name in reversed(DAEMONS):
        end(folder, name)
    for name in CONFIGURATION:
        if (ETC / name).is_symlink() and (ETC / name).resolve() == folder / name:
            (ETC / name).unlink()


def end(folder: Path, name: str) -> None:
    """End a daemon, with force where it takes longer than ten seconds."""
    for number, tries in ((signal.SIGTERM, 100), (signal.SIGKILL, 20)):
        if (pid := process_of(folder, name)) is None:
            break
        os.kill(pid, number)
        for _ in range(tries):
            if process_of(folder, name) is None:
                break
            time.sleep(0.1)
    (folder / f"{name}.pid").unlink(missing_ok=True)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("action", choices=("start", "stop", "install"))
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--install", action="store_true", help="install what is missing with apt-get first")
    arguments = parser.parse_args()
    if arguments.install or arguments.action == "install":
        install()
    if arguments.action == "install":
        return
    if arguments.folder is None:
        parser.error("a folder is needed")
    try:
        start(arguments.folder) if arguments.action == "start" else stop(arguments.folder)
    except ClusterError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
