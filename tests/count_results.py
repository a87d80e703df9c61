#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what a run of `meson test` did: prints `PASSED FAILED SKIPPED`.

    count_results.py testlog.json

A program that says how many checks it made (libcheck, Python's unittest, or a last line
`N passed, N failed`) counts with that number, any other with one. A program that failed
counts as a failure even if its own words say otherwise; a log without any test is one failure.
"""
import json
import re
import sys

CHECK = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.M)
UNITTEST = re.compile(r"^Ran (\d+) tests? in [^\n]*\n\n(?:OK|FAILED)(?: \(([^)\n]*)\))?", re.M)
PLAIN = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)


def count_words(text):
    """Passed, failed, skipped as the program's own words say; None if it says nothing."""
    found = False
    passed = failed = skipped = 0
    for checks, failures, errors in CHECK.findall(text):
        found = True
        bad = int(failures) + int(errors)
        failed += bad
        passed += int(checks) - bad
    for ran, rest in UNITTEST.findall(text):
        found = True
        numbers = dict(re.findall(r"(\w+)=(\d+)", rest))
        bad = int(numbers.get("failures", 0)) + int(numbers.get("errors", 0))
        left = int(numbers.get("skipped", 0))
        failed += bad
        skipped += left
        passed += int(ran) - bad - left
    for good, bad, left in PLAIN.findall(text):
        found = True
        passed += int(good)
        failed += int(bad)
        skipped += int(left or 0)
    return (passed, failed, skipped) if found else None


def count_program(entry):
    """The counts of one program of the log."""
    result = entry.get("result", "ERROR")
    if result == "SKIP":
        return (0, 0, 1)
    good = result in ("OK", "EXPECTEDFAIL")
    counts = count_words((entry.get("stdout") or "") + "\n" + (entry.get("stderr") or ""))
    if counts is None:
        return (1, 0, 0) if good else (0, 1, 0)
    passed, failed, skipped = counts
    if not good and failed == 0:
        failed = 1
    if good and passed + failed + skipped == 0:
        failed = 1  # it ran nothing and was content with that
    return (passed, failed, skipped)


def count_log(lines):
    total = [0, 0, 0]
    for line in lines:
        if line.strip():
            for i, n in enumerate(count_program(json.loads(line))):
                total[i] += n
    return tuple(total) if sum(total) else (0, 1, 0)


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as log:
            counts = count_log(log)
    except (OSError, ValueError) as error:
        print(f"count_results.py: {error}", file=sys.stderr)
        counts = (0, 1, 0)
    print(*counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
