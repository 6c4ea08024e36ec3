"""The generated parts of docs/performance.md, each between two comments that name its program."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PAGE = TOP / "docs/performance.md"


def write_part(program, text):
    """Replaces what `program` printed on the page before."""
    begin, end = f"<!-- {program}: begin -->\n", f"<!-- {program}: end -->\n"
    before, rest = PAGE.read_text().split(begin)
    PAGE.write_text(f"{before}{begin}{text}{end}{rest.split(end)[1]}")


def table(head, rows):
    """The lines of a Markdown table."""
    return ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]


def provenance(azfob):
    """Date, commit, build, compiler and machine in one line. It names no machine."""
    commit = output_of("git", "rev-parse", "--short", "HEAD").strip()
    rustc = output_of("rustc", "--version").split()[1]
    return f"Measured on {time.strftime('%Y-%m-%d')}: azfob {commit}, {build(azfob)} build, Rust {rustc}; {machine()}."


def build(azfob):
    """The C library of a binary: a static one is a musl build."""
    with open(azfob, "rb") as file:
        return "glibc" if b"/ld-linux" in file.read(4096) else "musl"


def machine():
    """Processors, memory and kernel."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    model = re.sub(r"\(R\)|\(TM\)|CPU|Processor", "", model.group(1)).split(" @")[0] if model else platform.machine()
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1)) / (1 << 20)
    return f"{os.cpu_count()} cores ({' '.join(model.split())}), {memory:.0f} GiB, Linux {platform.release().split('-')[0]}"


def output_of(*command):
    return subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, text=True, check=True).stdout
