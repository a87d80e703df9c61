#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Types of an IDL for Apache Thrift's own libraries, which tests and benchmarks take as peers.

    apache_types.py --thrift thrift --idl FILE.thrift… --folder FOLDER --stamp STAMP.h

FOLDER gets cpp/, templates/ (C++ with calls resolved at compile time), c_glib/ (mended, see mend_c_glib.py), py/ and
xml/. The stamp is an empty header, for build systems that want one file to depend on. Nothing is mended for C++:
`Graph & graph` in the IDL is what its generator needs.
"""
import argparse
import os
import subprocess
import sys

import mend_c_glib

GENERATORS = {
    "cpp": "cpp:no_skeleton",
    "templates": "cpp:templates,no_skeleton",
    "py": "py",
    "xml": "xml:no_namespaces",
}


def generate(thrift, idl, folder):
    for name, generator in GENERATORS.items():
        out = os.path.join(folder, name)
        os.makedirs(out, exist_ok=True)
        subprocess.run([thrift, "--gen", generator, "-out", out, idl], check=True)
    out = os.path.join(folder, "c_glib")
    os.makedirs(out, exist_ok=True)
    mend_c_glib.generate(thrift, idl, folder=out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--thrift", "--folder", "--stamp"):
        parser.add_argument(option, required=True)
    parser.add_argument("--idl", required=True, nargs="+")
    options = parser.parse_args()
    for idl in options.idl:
        generate(options.thrift, idl, options.folder)
    with open(options.stamp, "w", encoding="utf-8") as file:
        file.write("/* The types for the peers are written. */\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
