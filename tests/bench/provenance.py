"""When, with what and on what something was measured, for the documents that hold figures. No names of machines."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def provenance():
    """The date, azfob's commit, the compiler and the machine in one line."""
    commit = told_by("git", "rev-parse", "--short", "HEAD").strip()
    rustc = told_by("rustc", "--version").split()[1]
    return f"{time.strftime('%Y-%m-%d')}, azfob {commit}, Rust {rustc}; {machine()}."


def machine():
    """Processors, memory and kernel."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    model = re.sub(r"\(R\)|\(TM\)|CPU|Processor", "", model.group(1)).split(" @")[0] if model else platform.machine()
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1)) / (1 << 20)
    return f"{os.cpu_count()} cores ({' '.join(model.split())}), {memory:.0f} GiB, Linux {platform.release().split('-')[0]}"


def told_by(*command):
    return subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, text=True, check=True).stdout
