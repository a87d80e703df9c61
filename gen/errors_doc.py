#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/errors.md from lib/base/errors.def.

    gen/errors_doc.py            prints it
    gen/errors_doc.py --write    writes docs/errors.md
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ITEM = re.compile(r'^PT2_ERROR_ITEM \((\w+),\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\)', re.M)
GROUPS = {
    "F": "Files and the system",
    "L": "Limits",
    "U": "Use of the command and the library",
    "K": "Kinds of file",
    "Z": "The zip container",
    "R": "Records of an archive",
    "J": "JSON text",
    "T": "Thrift compact",
    "P": "Programs",
    "C": "The canonical form",
    "I": "Pickles",
    "Y": "Symbolic expressions",
    "O": "Operator schemas",
    "B": "Building programs",
    "W": "Weights and other payloads",
    "E": "Evolution of the schema",
    "V": "Programs of earlier releases",
}
HEAD = """# Errors

Each thing that can go wrong has one id that never changes meaning. The command prints
`pt2: FILE: WHERE: PT2-ID: message`; in the library it is the `GError` code `PT2_ERROR_ID` of the
domain `PT2_ERROR`, with `pt2_error_get_id()` and `pt2_error_get_where()` for the text and the place.
WHERE is a record, a byte offset (`@123`), a field path, or what of these is known.

This page is made from `lib/base/errors.def` by `gen/errors_doc.py --write`; a test holds them equal,
and another that a test names each id.
"""


def read_items(text):
    """(id, summary, next step) of each error, in file order."""
    return [tuple(part.replace('\\"', '"').replace("\\\\", "\\") for part in item) for item in ITEM.findall(text)]


def page(items):
    parts = [HEAD]
    groups = {}
    for item in items:
        groups.setdefault(item[0][0], []).append(item)
    for letter in [*GROUPS, *sorted(set(groups) - set(GROUPS))]:
        if letter in groups:
            parts.append(f"\n## {letter}: {GROUPS.get(letter, letter)}\n\n| id | what is wrong | what to do next |\n|---|---|---|\n")
            parts += [f"| PT2-{name} | {cell(what)} | {cell(then)} |\n" for name, what, then in sorted(groups[letter])]
    return "".join(parts)


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def main():
    text = page(read_items((ROOT / "lib/base/errors.def").read_text(encoding="utf-8")))
    if sys.argv[1:] == ["--write"]:
        (ROOT / "docs/errors.md").write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
