#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A copy of the IDL as a newer minor might have it: a struct, a field, a union member and an enum value more.

    grow_schema.py IN.thrift OUT.thrift
"""
import re
import sys

NEW_STRUCT = """
/** What only the grown schema knows. */
struct GrownDetail {
  10: string reason
  20: list<i64> weights
  30: optional double share
} (since = "8.21")

"""
# What is added, and to what: it becomes the last part of that type.
ADDED = {
    "enum ScalarType": '  /** A type of the future. */\n  GROWN = 99 (torch = "grown", since = "8.21")\n',
    "union Argument": '  /** A member of the future. */\n  900: GrownDetail as_grown (since = "8.21")\n',
    "struct Node": '  /** A field of the future. */\n  35: optional GrownDetail grown (default = "null", since = "8.21")\n'
                   '  /** Another. */\n  900: optional list<string> grown_notes (default = "[]", since = "8.21")\n',
}


def grow(text):
    for head, lines in ADDED.items():
        text, n = re.subn(rf"(^{head} \{{\n.*?)(^\}})", lambda m, more=lines: m[1] + more + m[2], text, flags=re.M | re.S)
        if n != 1:
            sys.exit(f"{head}: found {n} times")
    first = text.index("/** Whatever a node can take or give. */")
    return text[:first] + NEW_STRUCT.lstrip() + text[first:]


with open(sys.argv[1], encoding="utf-8") as given, open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write(grow(given.read()))
