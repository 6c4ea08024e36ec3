#!/usr/bin/env python3
"""Draws docs/performance.svg from the table of one secret in docs/performance.md.

    tests/bench/chart.py [--print]

`--print` writes the chart to stdout and changes no file.
"""

import sys
from xml.sax.saxutils import escape

from page import PAGE, TOP

CHART = TOP / "docs/performance.svg"
HEADING = "## One secret, with a managed identity\n"
LABELS, BARS, VALUES = 230, 400, 90
ROW, TITLE, EDGE = 24, 34, 16
OURS, OTHERS = "#0969da", "#8c959f"


def groups():
    """The table's medians in milliseconds, by network and program."""
    found = {}
    for line in PAGE.read_text().split(HEADING)[1].split("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[2].endswith(" ms"):
            found.setdefault(cells[0], []).append((cells[1], float(cells[2].split()[0])))
    return found


def draw(groups):
    """The chart as SVG: a bar for each program, and one scale for both networks."""
    longest = max(value for rows in groups.values() for _, value in rows)
    width = LABELS + BARS + VALUES + 2 * EDGE
    height = sum(TITLE + ROW * len(rows) for rows in groups.values()) + 2 * EDGE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
        "<title>Median time to read one secret, in milliseconds</title>",
        "<style>text{font:13px system-ui,sans-serif;fill:#1f2328}.head{font-weight:bold}.label{text-anchor:end}</style>",
        '<rect width="100%" height="100%" rx="8" fill="#ffffff" stroke="#d1d9e0"/>',
    ]
    y = EDGE
    for network, rows in groups.items():
        lines.append(f'<text class="head" x="{EDGE}" y="{y + 18}">One secret, {escape(network)} (median)</text>')
        y += TITLE
        for program, value in rows:
            length = max(1, round(BARS * value / longest))
            fill = OURS if program.startswith("azfob") else OTHERS
            lines.append(f'<text class="label" x="{EDGE + LABELS - 8}" y="{y + 15}">{escape(program)}</text>')
            lines.append(f'<rect x="{EDGE + LABELS}" y="{y + 2}" width="{length}" height="{ROW - 6}" fill="{fill}"/>')
            lines.append(f'<text x="{EDGE + LABELS + length + 6}" y="{y + 15}">{value:.1f} ms</text>')
            y += ROW
    return "\n".join([*lines, "</svg>"]) + "\n"


def main():
    chart = draw(groups())
    if "--print" in sys.argv:
        sys.stdout.write(chart)
    else:
        CHART.write_text(chart)


if __name__ == "__main__":
    main()
