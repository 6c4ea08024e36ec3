"""Reads the same secret with azfob and its peers in the same emulated Azure, and compares the results.

    compare.py AZFOB [--python FOLDER] [--javascript FOLDER] [--rust PROGRAM] [--az FOLDER]
               [--all] [--only HOST[:FAULT]] [--jobs N] [--keep FOLDER]

A case is a host and a fault of `azfob sandbox`. The result of a program is mapped to azfob's exit code for it. What a peer
prints is given to `azfob diagnose --log` (logs.py). `known.py` lists the known differences with their reasons; a difference
that no longer exists is an error too. With `--keep`, the output of each peer is read from the folder if it is there, and
written there if not.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import logs
from known import BEFORE_SIGN_IN, KNOWN, LOGS, NO_ANSWER, NOT_THERE

HERE = Path(__file__).resolve().parent
SECRET, VALUE = "ApiKey", "sandbox-api-key-of-february"
OTHER_VALUE = -1
# What get.py needs, also what the SDK imports only when it is used.
PYTHON_MODULES = [
    "azure.core.pipeline.transport._requests_basic",
    "azure.core.rest._requests_basic",
    "azure.identity",
    "azure.keyvault.secrets",
    "msal_extensions",
]
LIMIT_SECS = 60
NO_ANSWER_LIMIT_SECS = 20
KINDS = {
    0: "the value",
    1: "other",
    3: "no credential",
    4: "refused",
    5: "forbidden",
    6: "not found",
    7: "not reached",
    8: "throttled",
    OTHER_VALUE: "another value",
    NO_ANSWER: "no answer",
}


def of_azfob(code, out, err):
    """Reads the result of azfob."""
    if code == 0:
        return 0 if out == VALUE else OTHER_VALUE, err
    return code, err


def of_python(_, out, err):
    """Reads an exception of the Python SDK."""
    answer = last_line(out, err)
    if "value" in answer:
        return 0 if answer["value"] == VALUE else OTHER_VALUE, ""
    error, status, text = answer["error"], answer["status"], answer["text"]
    if error == "ClientAuthenticationError":
        # The message names every credential that was tried. If it names the last one, all were unavailable.
        return 3 if "\n\tBrokerCredential: " in text else 4, text
    kinds = {"CredentialUnavailableError": 3, "ServiceRequestError": 7, "ServiceResponseError": 7}
    return {403: 5, 404: 6, 429: 8}.get(status) or kinds.get(error, 1), text


def of_javascript(_, out, err):
    """Reads an error of the JavaScript SDK."""
    answer = last_line(out, err)
    if "value" in answer:
        return 0 if answer["value"] == VALUE else OTHER_VALUE, ""
    kinds = {"AggregateAuthenticationError": 3, "CredentialUnavailableError": 3, "AuthenticationError": 4, "RestError": 7}
    return {401: 4, 403: 5, 404: 6, 429: 8}.get(answer["status"]) or kinds.get(answer["error"], 1), answer["text"]


def of_az(code, out, err):
    """Reads the message of az, which has one exit code for almost everything."""
    if code == 0:
        return 0 if out.rstrip("\n") == VALUE else OTHER_VALUE, err
    patterns = [
        (5, r"\(Forbidden\)"),
        (6, r"\(SecretNotFound\)"),
        (8, r"\(Throttled\)"),
        (4, r"AADSTS|\(Unauthorized\)|\(AuthenticationFailed\)"),
        (3, r"Identity not found|/metadata/identity/|az login|managed identit"),
        (7, r"proxy|CERTIFICATE_VERIFY_FAILED"),
    ]
    return next((kind for kind, pattern in patterns if re.search(pattern, err)), 1), err


def of_rust(code, out, err):
    """Reads the error of the Rust SDK, which has the status in its text."""
    if code == 0:
        return 0 if out == VALUE else OTHER_VALUE, err
    status = re.search(r"\bstatus: (?:HttpStatus\()?(\w+)", err)
    kinds = {"Forbidden": 5, "NotFound": 6, "TooManyRequests": 8, "Unauthorized": 4}
    return kinds.get(status and status.group(1), 1), err


def last_line(out, err):
    """Returns the JSON in the last line of get.py and get.mjs."""
    try:
        return json.loads(out.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"error": None, "status": None, "text": err}


class Ending(NamedTuple):
    """How a program ended: the kind of result, the message, the duration in seconds, and what it printed on stderr."""

    kind: int
    text: str
    secs: float
    printed: str

    @property
    def failed(self):
        return self.kind not in (0, OTHER_VALUE, NO_ANSWER)


class Peer:
    """A program that reads the secret: its command, and the function that reads its result."""

    def __init__(self, name, command, read, keep=None):
        self.name, self.command, self.read, self.keep = name, list(map(str, command)), read, keep

    def run(self, azfob, host, fault):
        """Runs it in an emulated Azure, unless its output is kept."""
        file = self.keep and self.keep / f"{self.name}.{host}.{fault}.json"
        if file and file.exists():
            code, out, err, secs = json.loads(file.read_text())
        else:
            code, out, err, secs = self.output(azfob, host, fault)
            if file:
                file.write_text(json.dumps([code, out, err, secs]))
        kind, words = (NO_ANSWER, "") if code is None else self.read(code, out, err.strip())
        return Ending(kind, words, secs, "" if code is None else err)

    def output(self, azfob, host, fault):
        """Returns its exit code, stdout, stderr and duration. Without an answer within the limit, there is no exit code."""
        faults = ["--fault", fault] if fault else []
        line = [azfob, "sandbox", "--as", host, *faults, "--", *(word.format(host=host) for word in self.command)]
        departs = known(self.name, host, fault)
        limit = NO_ANSWER_LIMIT_SECS if departs and departs[0] == NO_ANSWER else LIMIT_SECS
        began = time.monotonic()
        pipe = subprocess.PIPE
        with subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True) as running:
            try:
                out, err = running.communicate(timeout=limit)
                code = running.returncode
            except subprocess.TimeoutExpired:
                # The sandbox passes it on to the peer.
                running.terminate()
                code, out, err = None, "", ""
        return code, out, err, time.monotonic() - began


def known_key(peer, host, fault):
    """Returns the key of the known difference for a case, if there is one."""
    keys = [(peer, host, fault), (peer, host, "*"), (peer, "*", fault)]
    is_same = peer != "az" and fault in BEFORE_SIGN_IN
    return next((key for key in keys if key in KNOWN and (not is_same or KNOWN[key][0] in (NO_ANSWER, NOT_THERE))), None)


def known(peer, host, fault):
    """Returns the known difference of a peer from azfob, and its reason."""
    return KNOWN.get(known_key(peer, host, fault))


def hosts_and_faults(azfob):
    """Returns every host and every fault that `azfob sandbox --help` lists."""
    text = subprocess.run([azfob, "sandbox", "--help"], capture_output=True, text=True, check=True).stdout

    def names(heading):
        section = text.partition(f"\n{heading}:\n")[2].partition("\n\n")[0]
        found = re.findall(r"^  ([a-z0-9-]+) ", section, re.MULTILINE)
        assert found, f"no {heading} in the help of azfob sandbox"
        return found

    return names("Hosts (--as)"), names("Faults (--fault)")


def hosts_of(azfob, fault):
    """Returns the hosts on which a fault is possible, from azfob's usage error; empty for every host."""
    line = [azfob, "sandbox", "--as", "nothing", "--fault", fault, "--", "true"]
    ended = subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    only = re.search(r"possible only with --as (.+), not with", ended.stderr.replace("\n", " "))
    return re.split(r" +or +", only.group(1)) if only else []


def cases(azfob, every):
    """Returns each host without a fault, and each fault on one host or on all hosts on which it is possible."""
    hosts, faults = hosts_and_faults(azfob)
    chosen = [(host, None) for host in hosts]
    for fault in faults:
        those = hosts_of(azfob, fault)
        those = (those or hosts) if every else (those or ["app-service"])[:1]
        # No peer signs in without an identity, or opens a browser.
        chosen += [(host, fault) for host in those if host not in ("nothing", "browser")]
    return chosen


def compared(case, endings, needed):
    """Returns the lines of one case, and the number of unexpected results. Adds the needed exceptions."""
    host, fault = case
    ours, message, secs, _ = endings.pop("azfob")
    row = f"{host:18}{fault or '':20}{shown(ours, secs)}"
    notes, unexpected = [], 0
    for name, ending in endings.items():
        departs = known(name, host, fault)
        if departs and departs[0] != ours:
            needed.add(known_key(name, host, fault))
        if ending is None:
            row += f"{'':22}"
            continue
        theirs, words, secs, _ = ending
        expected, why = departs or (ours, "")
        row += shown(theirs, secs)
        if theirs != expected:
            unexpected += 1
            notes.append(f"    UNEXPECTED: {name} should end with '{KINDS[expected]}'; its message: {words}")
            notes.append(f"    message of azfob: {message}")
        elif why:
            notes.append(f"    {name}: {why}")
    return [row, *notes], unexpected


def shown(kind, secs):
    return f"{KINDS.get(kind, f'exit code {kind}'):15}{secs:5.1f}  "


@contextmanager
def python_sdk(folder):
    """Starts get.py once, and yields a command that runs it without importing the SDK again: that takes most of its time."""
    python, server = folder / "bin/python", HERE / "fork_server.py"
    with tempfile.TemporaryDirectory() as sockets:
        socket = f"{sockets}/socket"
        serve = [python, server, "serve", socket, HERE / "get.py", *PYTHON_MODULES]
        with subprocess.Popen(serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout.readline() == "ready\n", "the Python SDK cannot be imported"
            yield [python, "-I", "-S", server, "run", socket]


def azfob_with_az(azfob, az):
    """Runs azfob with the real az."""
    line = [azfob, "sandbox", "--as", "service-principal", "--", "sh", HERE / "azfob-with-az.sh", az / "bin", SECRET, VALUE]
    ended = subprocess.run(line, text=True, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    print(f"\nazfob with the real az\n{ended.stdout}{ended.stderr}", end="")
    return 1 if ended.returncode else 0


def az_reads(azfob, az):
    """Compares what az and `azfob diagnose --for` read from Azure Resource Manager."""
    failed = 0
    for workload, fault in [("functions", None), ("app-service", "forbidden"), ("virtual-machine", "other-scope")]:
        faults = ["--fault", fault] if fault else []
        line = [azfob, "sandbox", "--as", "service-principal", "--workload", workload, *faults, "--"]
        line += [az / "bin/python", HERE / "az_reads.py", az / "bin/az", workload]
        ended = subprocess.run(line, text=True, capture_output=True, timeout=300, stdin=subprocess.DEVNULL)
        print(f"\nthe real az and azfob diagnose --for, {workload} {fault or ''}\n{ended.stdout}{ended.stderr}", end="")
        failed += 1 if ended.returncode else 0
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("azfob")
    for name in ("--python", "--javascript", "--rust", "--az", "--keep"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--jobs", type=int, default=10)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        return compare(arguments, stack)


def compare(arguments, stack):
    """Runs every case with every program, prints the comparison and returns the exit code."""
    keep = arguments.keep
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    limits = ["--timeout", "12"]
    programs = [Peer("azfob", ["azfob", "get", SECRET, *limits], of_azfob)]
    if folder := arguments.python:
        python = stack.enter_context(python_sdk(folder))
        programs.append(Peer("python", [*python, SECRET], of_python, keep))
    if folder := arguments.javascript:
        programs.append(Peer("javascript", ["node", HERE / "get.mjs", SECRET, folder], of_javascript, keep))
    if program := arguments.rust:
        programs.append(Peer("rust", [program, SECRET, "{host}"], of_rust, keep))
    if folder := arguments.az:
        programs.append(Peer("az", ["sh", HERE / "get-az.sh", folder / "bin/az", SECRET], of_az, keep))
    diagnose = Peer("diagnose", ["azfob", "diagnose", "--secret", SECRET, "-o", "json", *limits], logs.of_diagnose)

    chosen = cases(arguments.azfob, arguments.all or bool(arguments.only))
    if arguments.only:
        host, _, fault = arguments.only.partition(":")
        chosen = [case for case in chosen if case == (host, fault or None)]

    def run(pair):
        peer, case = pair
        departs = known(peer.name, *case)
        is_supported = not (departs and departs[0] == NOT_THERE)
        return peer.run(arguments.azfob, *case) if is_supported else None

    pairs = [(peer, case) for case in chosen for peer in [*programs, diagnose]]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        answers = dict(zip(((peer.name, case) for peer, case in pairs), pool.map(run, pairs)))

        print(f"{'host':18}{'fault':20}" + "".join(f"{peer.name:22}" for peer in programs))
        unexpected, needed = 0, set()
        for case in chosen:
            endings = {peer.name: answers[peer.name, case] for peer in programs}
            lines, more = compared(case, endings, needed)
            print("\n".join(lines))
            unexpected += more
        peers = [peer.name for peer in programs[1:]]
        right, wrong, of_logs = logs.compare(arguments.azfob, chosen, peers, answers, pool, bool(arguments.only))
    compared_cases = sum(answers[peer, case] is not None for peer in peers for case in chosen)
    if arguments.all and not arguments.only:
        spare = logs.unneeded(KNOWN, needed, peers) + logs.unneeded(LOGS, of_logs, peers)
        wrong += len(spare)
        print("".join(f"UNNEEDED: no case needs the exception {key}\n" for key in spare), end="")
    if arguments.az and not arguments.only:
        unexpected += azfob_with_az(arguments.azfob, arguments.az) + az_reads(arguments.azfob, arguments.az)
        compared_cases += 4
    print(f"\npeers: {compared_cases - unexpected + right} passed, {unexpected + wrong} failed")
    return 1 if unexpected or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
