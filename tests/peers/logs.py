"""Gives what the peers print to `azfob diagnose --log`, and compares its main finding with that of `azfob diagnose`."""

import json
import subprocess
from collections import Counter

from known import LOGS

SAME, EXCEPTION, WRONG, SILENT, NO_ERROR, NOT_RUN = "same", "exception", "wrong", "silent", "no error", ""

PEERS = {"python", "javascript", "rust", "az"}

NOTHING = "no known error of Azure Identity or Key Vault found"


def main_row(report):
    """Returns the row of the first error in a report of `azfob diagnose -o json`."""
    errors = (finding["code"] for finding in json.loads(report)["findings"] if finding["severity"] == "error")
    return next(errors, None)


def of_diagnose(code, out, err):
    """Reads the report of a live `azfob diagnose`."""
    return code, main_row(out)


def row_of_log(azfob, text):
    """Returns the row that azfob gives to the output of a program."""
    line = [azfob, "diagnose", "--log", "-", "-o", "json"]
    ended = subprocess.run(line, input=text, capture_output=True, text=True, timeout=60)
    if ended.returncode:
        assert NOTHING in ended.stderr, ended.stderr
        return None
    return main_row(ended.stdout)


def exception(peer, host, fault):
    """Returns the key of the exception for a case, if there is one."""
    keys = [(peer, host, fault), (peer, host, "*"), (peer, "*", fault), ("*", host, fault), ("*", "*", fault)]
    return next((key for key in keys if key in LOGS), None)


def verdict(peer, case, ending, live, row):
    """Compares the row of a log with the live one. Returns the verdict, and the line that explains it."""
    if ending is None:
        return NOT_RUN, ""
    if not ending.failed or not ending.printed:
        return (WRONG, f"{peer} read the secret, and its output gives {row}") if row else (NO_ERROR, "")
    if row == live:
        return SAME, ""
    expected, why = LOGS.get(exception(peer, *case), (live, ""))
    if row == expected:
        return EXCEPTION, f"{peer}: {row or 'nothing'}: {why}"
    return (WRONG if row else SILENT), f"{peer} should give {expected}, not {row}"


def compare(azfob, chosen, peers, endings, pool, verbose):
    """Prints the verdict on each peer in each case. Returns how many are right and wrong, and the needed exceptions."""
    pairs = [(peer, case) for case in chosen for peer in peers]

    def row(pair):
        ending = endings[pair]
        return row_of_log(azfob, ending.printed) if ending and ending.printed else None

    rows = dict(zip(pairs, pool.map(row, pairs)))
    counts = {peer: Counter() for peer in peers}
    needed = set()
    print(f"\n{'host':18}{'fault':20}{'azfob diagnose':32}" + "".join(f"{peer:12}" for peer in peers))
    for case in chosen:
        host, fault = case
        live = endings["diagnose", case].text
        verdicts = [verdict(peer, case, endings[peer, case], live, rows[peer, case]) for peer in peers]
        print(f"{host:18}{fault or '':20}{live or '':32}" + "".join(f"{kind:12}" for kind, _ in verdicts).rstrip())
        for peer, (kind, why) in zip(peers, verdicts):
            counts[peer][kind] += 1
            if kind == EXCEPTION:
                needed.add(exception(peer, *case))
            is_wrong = kind in (WRONG, SILENT)
            if is_wrong or kind == EXCEPTION:
                print(f"    {'UNEXPECTED: ' if is_wrong else ''}{why}")
            if is_wrong or verbose and endings[peer, case]:
                print("\n".join(f"    | {line}" for line in endings[peer, case].printed.splitlines()))
    for peer, of_peer in counts.items():
        print(f"{peer}: " + ", ".join(f"{of_peer[kind]} {kind}" for kind in (SAME, EXCEPTION, WRONG, SILENT, NO_ERROR)))
    right = sum(of_peer[SAME] + of_peer[EXCEPTION] for of_peer in counts.values())
    return right, sum(of_peer[WRONG] + of_peer[SILENT] for of_peer in counts.values()), needed


def unneeded(exceptions, needed, peers):
    """Returns the exceptions of these peers that no case needs. One of all peers counts only if all of them ran."""
    ran = set(peers) | ({"*"} if set(peers) == PEERS else set())

    def limits_another(key):
        """True if it excludes a fault from the exception of the whole host."""
        return key[2] != "*" and (*key[:2], "*") in exceptions

    return [key for key in exceptions if key[0] in ran and key not in needed and not limits_another(key)]
