# SPDX-License-Identifier: Apache-2.0
"""The end of a judge: what came of its checks."""
import collections


def tally(results):
    """Prints the faults and the counts of (what, fault) pairs; a fault of None is good, "skip" was nothing to check. The exit status."""
    counts = collections.Counter()
    for what, fault in results:
        counts["skipped" if fault == "skip" else "failed" if fault else "passed"] += 1
        if fault and fault != "skip":
            print(f"{what}: {fault}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0
