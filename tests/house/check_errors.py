#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/errors.md says what lib/base/errors.def says, docs/verify.md what lib/check/rules.def says, each id once in both, and
a test names each id."""
import collections
import re
import sys

import house

sys.path.insert(0, str(house.ROOT / "gen"))
import errors_doc  # noqa: E402
import verify_doc  # noqa: E402

NAMED = re.compile(r"(?:PT2-|PT2_ERROR_)([A-Z]\d{3})\b")


def check():
    text = (house.ROOT / "lib/base/errors.def").read_text(encoding="utf-8")
    items = errors_doc.read_items(text)
    lines = len(re.findall(r"^PT2_ERROR_ITEM", text, re.M))
    faults = [] if lines == len(items) else [f"errors.def: {lines} items, {len(items)} of them readable"]
    count = collections.Counter(name for name, _, _ in items)
    faults += [f"{name}: stands {n} times in errors.def" for name, n in count.items() if n > 1]
    if (house.ROOT / "docs/errors.md").read_text(encoding="utf-8") != errors_doc.page(items):
        faults.append("docs/errors.md is not what errors.def says: run gen/errors_doc.py --write")
    rules = [rule[0] for rule in verify_doc.read_rules(verify_doc.RULES.read_text(encoding="utf-8"))]
    lines = len(re.findall(r"^PT2_RULE", verify_doc.RULES.read_text(encoding="utf-8"), re.M))
    faults += [] if lines == len(rules) else [f"rules.def: {lines} rules, {len(rules)} of them readable"]
    count.update(rules)
    faults += [f"{name}: stands {count[name]} times in errors.def and rules.def" for name in rules if count[name] > 1]
    before = verify_doc.PAGE.read_text(encoding="utf-8")
    if verify_doc.page(verify_doc.read_rules(verify_doc.RULES.read_text(encoding="utf-8")), before) != before:
        faults.append("docs/verify.md is not what rules.def says: run gen/verify_doc.py --write")
    named = set()
    for path, words in house.project_texts():
        if path.parts[0] == "tests" and path.suffix in (".c", ".h", ".py", ".sh"):
            named |= set(NAMED.findall(words))
    faults += [f"PT2-{name}: no test names it" for name in count if name not in named]
    faults += [f"PT2-{name}: a test names it, and neither errors.def nor rules.def does" for name in sorted(named - set(count))]
    return 2 + len(count), faults


if __name__ == "__main__":
    house.main(check)
