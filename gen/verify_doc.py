#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the tables of docs/verify.md from lib/check/rules.def.

    gen/verify_doc.py            prints the page
    gen/verify_doc.py --write    writes it
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RULES, PAGE = ROOT / "lib/check/rules.def", ROOT / "docs/verify.md"
TEXT = r'"((?:[^"\\]|\\.)*)"'
ITEM = re.compile(rf"^PT2_RULE \((\w+), (\w+), (\w+), (\w+),\s*{TEXT},\s*{TEXT},\s*{TEXT}\)", re.M)
MARK = "\n## The rules\n"
GROUPS = {
    "Z": "Container",
    "R": "Records",
    "P": "Program",
    "S": "Signature",
    "Y": "Symbols",
    "O": "Operators",
    "W": "Payloads",
    "X": "Security",
}


def read_rules(text):
    """(id, strict, load, untrusted, summary, source, next step) of each rule, in file order."""
    return [tuple(part.replace('\\"', '"').replace("\\\\", "\\") for part in item) for item in ITEM.findall(text)]


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def grave(strict, load, untrusted):
    """What the table says of the profiles: one word where they agree."""
    strict, load, untrusted = (word.lower() for word in (strict, load, untrusted))
    more = [f"{name}: {word}" for name, word in (("load", load), ("untrusted", untrusted)) if word != strict]
    return strict + (f" ({', '.join(more)})" if more else "")


def page(rules, before):
    """The page: what people wrote before the tables, then the tables."""
    parts = [before.split(MARK)[0], MARK,
             "\nFrom `lib/check/rules.def`, by `gen/verify_doc.py --write`; tests hold this page against the table, and "
             "put a fault into\ngood programs for each rule.\n"]
    for letter, title in GROUPS.items():
        parts.append(f"\n### {letter}: {title}\n\n| id | what is wrong | how grave | where the rule comes from | what to do |\n"
                     "|---|---|---|---|---|\n")
        parts += [f"| PT2-{name} | {cell(what)} | {grave(strict, load, untrusted)} | {cell(source)} | {cell(then)} |\n"
                  for name, strict, load, untrusted, what, source, then in sorted(rules) if name[0] == letter]
    return "".join(parts)


def main():
    text = page(read_rules(RULES.read_text(encoding="utf-8")), PAGE.read_text(encoding="utf-8"))
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
