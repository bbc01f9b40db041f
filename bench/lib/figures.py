"""What the benchmarks share: measuring a process, describing the machine, tables of figures."""
import datetime
import os
import platform
import re
import signal
import subprocess
import sys
import threading
import time
from collections import namedtuple

GIVE_UP = 1800  # seconds after which a run is killed
Sample = namedtuple("Sample", "cpu wall rss code")  # seconds, seconds, MiB, exit code (negative: signal)


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def median(values):
    ordered, n = sorted(values), len(values)
    return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2


def measure(command, log):
    """Run a command once, its output going to the file `log`."""
    quiet = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
             (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), (os.POSIX_SPAWN_DUP2, 1, 2)]
    environment = {k: v for k, v in os.environ.items() if k != "SOURCE_DATE_EPOCH"} | {"NO_COLOR": "1"}
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, environment, file_actions=quiet)
    watch = threading.Timer(GIVE_UP, os.kill, (pid, signal.SIGKILL)) if log != os.devnull else None
    if watch:
        watch.start()
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if watch:
        watch.cancel()
    return Sample(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))


def warm(path):
    """Bring a file into the page cache, for the first run as for the last."""
    with open(path, "rb") as f:
        while f.read(1 << 20):
            pass


def first_match(path, pattern, otherwise="unknown"):
    try:
        with open(path, encoding="utf-8") as f:
            found = re.search(pattern, f.read(), re.M)
    except OSError:
        found = None
    return found.group(1) if found else otherwise


def answer(*command):
    """The first line that a command prints, or nothing."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().split("\n")[0] if done.returncode == 0 else ""


def machine():
    """What every report says first: machine, system, source, compiler."""
    memory = int(first_match("/proc/meminfo", r"MemTotal:\s+(\d+)", "0"))
    commit, changed = answer("git", "rev-parse", "--short", "HEAD"), answer("git", "status", "--porcelain", "--untracked-files=no")
    cpu, system = first_match("/proc/cpuinfo", r"model name\s*: (.*)"), first_match("/etc/os-release", r'PRETTY_NAME="?([^"\n]*)')
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "CPU": f"{cpu}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{memory / 1048576:.0f} GiB",
        "system": f"{system}, Linux {platform.release()}, load {os.getloadavg()[0]:.2f} at the start",
        "source": f"commit {commit or 'unknown'}{' with local changes' if changed else ''}",
        "compiler": answer("cc", "--version") or "unknown",
    }


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def table(heads, rows, align="---:"):
    lines = [heads, ["---"] + [align] * (len(heads) - 1), *rows]
    return ["| " + " | ".join(str(c) for c in line) + " |" for line in lines] + [""]
