#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GObject types of an IDL: what the thrift compiler writes for c_glib, mended so that it compiles.

    mend_c_glib.py --thrift thrift --idl FILE.thrift --header OUT.h --source OUT.c

The compiler (0.17) declares each struct just before the next, so a struct that is used above its own declaration, as
in any recursion, does not compile; and its class cast macros name type macros that do not exist. Both are mended by
the shape of the text, whatever the names. Nothing else is changed; docs/apache-thrift.md lists what is left wrong.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

DECLARATION = re.compile(r"^typedef struct _(\w+) \1;\n", re.M)
PLACE = "/* begin types */\n"


class MendError(Exception):
    """The compiler's output has not the shape that is mended here."""


def run_compiler(thrift, idl, folder):
    """Returns the texts of the header and the source."""
    subprocess.run([thrift, "--gen", "c_glib", "-out", folder, idl], check=True)
    texts = {}
    for name in os.listdir(folder):
        if name.endswith(("_types.h", "_types.c")):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                texts[name[-1]] = (name, file.read())
    if set(texts) != {"h", "c"}:
        raise MendError(f"{thrift} wrote no types for c_glib")
    return texts["h"], texts["c"]


def declare_first(text):
    """Moves the declarations of all structs before the first of them."""
    if text.count(PLACE) != 1:
        raise MendError("the header has no place where types begin")
    declared = "".join(found.group() for found in DECLARATION.finditer(text))
    before, after = DECLARATION.sub("", text).split(PLACE)
    return before + PLACE + "\n" + declared + after


def correct_class_casts(text):
    """PREFIX__TYPE_NAME where PREFIX_TYPE_NAME is what is defined."""
    return re.sub(r"(G_TYPE_CHECK_CLASS_CAST \(\(c\), \w+?)__TYPE_", r"\1_TYPE_", text)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def generate(thrift, idl, header=None, source=None, folder=None):
    """Writes the mended types to HEADER and SOURCE, or into FOLDER under the compiler's own names."""
    with tempfile.TemporaryDirectory() as scratch:
        (header_name, header_text), (source_name, source_text) = run_compiler(thrift, idl, scratch)
    header = header or os.path.join(folder, header_name)
    source = source or os.path.join(folder, source_name)
    include = '#include "{}"'
    write(header, correct_class_casts(declare_first(header_text)))
    write(source, source_text.replace(include.format(header_name), include.format(os.path.basename(header))))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--thrift", "--idl", "--header", "--source"):
        parser.add_argument(option, required=True)
    options = parser.parse_args()
    generate(options.thrift, options.idl, options.header, options.source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
