#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a C header of a table of operator schemas: its lines, deflated.

    operators.py TABLE OUT
"""
import sys
import zlib


def rows(data, width=24):
    for start in range(0, len(data), width):
        yield "  " + ", ".join(str(byte) for byte in data[start:start + width]) + ","


def main(table, out):
    with open(table, "rb") as file:
        text = file.read()
    lines = ["/* Made by gen/operators.py. */", "enum", "{", f"  OPERATOR_TABLE_BYTES = {len(text)},", "};",
             "static const unsigned char operator_table[] = {", *rows(zlib.compress(text, 9)), "};"]
    with open(out, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
