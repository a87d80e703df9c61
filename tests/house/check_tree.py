#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Habits that hold for every file of ours: not long, licensed, no path of anybody's machine."""
import re

import house

MOST_LINES = 600
CODE = (".c", ".h", ".cc", ".cpp", ".py", ".sh", ".build")
LONG_BY_NATURE = {"export_schema.thrift"}
MACHINE_PATH = re.compile(r"(?<![\w.$}~])/(?:work|root|home|Users|mnt)/[\w.]+")


def check_text(path, text):
    """The faults of one file."""
    lines = text.count("\n")
    code = path.suffix in CODE or text.startswith("#!")
    if code and lines > MOST_LINES and path.name not in LONG_BY_NATURE:
        yield f"{path}: {lines} lines, more than {MOST_LINES}: it is about two things"
    if code and "SPDX-License-Identifier: Apache-2.0" not in text[:200]:
        yield f"{path}: the first lines name no licence"
    if text and not text.endswith("\n"):
        yield f"{path}: the last line has no end"
    for number, line in enumerate(text.split("\n"), 1):
        found = MACHINE_PATH.search(line)
        if found:
            yield f"{path}:{number}: a path of somebody's machine: {found.group()}"
        if code and line.endswith((" ", "\t")):
            yield f"{path}:{number}: blanks at the end of the line"


def check():
    checked, faults = 0, []
    for path, text in house.project_texts():
        checked += 1
        faults += check_text(path, text)
    return checked, faults


if __name__ == "__main__":
    house.main(check)
