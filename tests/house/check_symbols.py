#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shared library exports what the public headers declare with PT2_API, and nothing else. A header that the thrift
compiler wrote (`…-types.h`) declares functions without it.

    check_symbols.py LIBRARY PUBLIC_HEADER…
"""
import pathlib
import re
import subprocess

import house

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
DECLARED = re.compile(r"\bPT2_API\s+[^;{(]*?\b(\w+)\s*(?:\(|;|\[)", re.S)
GENERATED = re.compile(r"^(?:GType |const char \*\s)(\w+) \(", re.M)


def declared_symbols(text, generated=False):
    text = COMMENT.sub(" ", text)
    return set((GENERATED if generated else DECLARED).findall(re.sub(r"^[ \t]*#[^\n]*", "", text, flags=re.M)))


def exported_symbols(library):
    answer = subprocess.run(["nm", "--dynamic", "--defined-only", library], check=True, stdout=subprocess.PIPE, text=True)
    symbols = set()
    for line in answer.stdout.splitlines():
        kind, name = line.split()[-2:]
        if kind != "A":  # the version's own name
            symbols.add(name.partition("@")[0])
    return symbols


def check(library, *headers):
    declared = set()
    for header in headers:
        text = pathlib.Path(header).read_text(encoding="utf-8")
        declared |= declared_symbols(text, generated=header.endswith("-types.h"))
    exported = exported_symbols(library)
    faults = [f"{name}: declared with PT2_API and not exported" for name in sorted(declared - exported)]
    faults += [f"{name}: exported and in no public header" for name in sorted(exported - declared)]
    return len(declared | exported), faults


if __name__ == "__main__":
    house.main(check)
