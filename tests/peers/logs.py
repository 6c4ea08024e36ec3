"""Gives what the peers print to `azfob diagnose --log`, and compares its main finding with that of `azfob diagnose`."""

import json
import subprocess
from collections import Counter

from known import LOGS

SAME, EXCEPTION, WRONG, SILENT, NO_ERROR, NOT_RUN = "same", "exception", "wrong", "silent", "no error", ""

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
    """Returns the row that is expected instead of the live one, and the reason."""
    keys = [(peer, host, fault), (peer, host, "*"), (peer, "*", fault), ("*", host, fault), ("*", "*", fault)]
    return next((LOGS[key] for key in keys if key in LOGS), None)


def verdict(peer, case, ending, live, row):
    """Compares the row of a log with the live one. Returns the verdict, and the line that explains it."""
    if ending is None:
        return NOT_RUN, ""
    if not ending.failed or not ending.printed:
        return (WRONG, f"{peer} read the secret, and its output gives {row}") if row else (NO_ERROR, "")
    listed = exception(peer, *case)
    if row == live:
        return SAME, ""
    if listed and row == listed[0]:
        return EXCEPTION, f"{peer}: {row or 'nothing'}: {listed[1]}"
    return (WRONG if row else SILENT), f"{peer} should give {listed[0] if listed else live}, not {row}"


def compare(azfob, chosen, peers, endings, pool, verbose):
    """Prints the verdict on each peer in each case, and returns how many are right and wrong."""
    pairs = [(peer, case) for case in chosen for peer in peers]

    def row(pair):
        ending = endings[pair]
        return row_of_log(azfob, ending.printed) if ending and ending.printed else None

    rows = dict(zip(pairs, pool.map(row, pairs)))
    counts = {peer: Counter() for peer in peers}
    print(f"\n{'host':18}{'fault':20}{'azfob diagnose':32}" + "".join(f"{peer:12}" for peer in peers))
    for case in chosen:
        host, fault = case
        live = endings["diagnose", case].text
        verdicts = [verdict(peer, case, endings[peer, case], live, rows[peer, case]) for peer in peers]
        print(f"{host:18}{fault or '':20}{live or '':32}" + "".join(f"{kind:12}" for kind, _ in verdicts).rstrip())
        for peer, (kind, why) in zip(peers, verdicts):
            counts[peer][kind] += 1
            is_wrong = kind in (WRONG, SILENT)
            if is_wrong or kind == EXCEPTION:
                print(f"    {'UNEXPECTED: ' if is_wrong else ''}{why}")
            if is_wrong or verbose and endings[peer, case]:
                print("\n".join(f"    | {line}" for line in endings[peer, case].printed.splitlines()))
    for peer, of_peer in counts.items():
        print(f"{peer}: " + ", ".join(f"{of_peer[kind]} {kind}" for kind in (SAME, EXCEPTION, WRONG, SILENT, NO_ERROR)))
    right = sum(of_peer[SAME] + of_peer[EXCEPTION] for of_peer in counts.values())
    return right, sum(of_peer[WRONG] + of_peer[SILENT] for of_peer in counts.values())
