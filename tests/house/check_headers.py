#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each public header compiles by itself, as C11 and as C++17, without a warning.

    check_headers.py FOLDER_OF_GENERATED_HEADERS PUBLIC_HEADER…
"""
import pathlib
import subprocess

import house

COMPILERS = {
    "C11": ["gcc", "-x", "c", "-std=c11", "-Wstrict-prototypes"],
    "C++17": ["g++", "-x", "c++", "-std=c++17"],
}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-fsyntax-only"]


def check(generated, *headers):
    headers = [pathlib.Path(header) for header in headers]
    folders = sorted({f"-I{header.resolve().parent}" for header in headers}) + [f"-I{generated}"]
    names = [header.name for header in headers if header.suffix == ".h"]
    names += [path.name for path in pathlib.Path(generated).glob("pt2-*.h")]
    faults = []
    for name in names:
        for language, compiler in COMPILERS.items():
            answer = subprocess.run([*compiler, *WARNINGS, *folders, *house.flags("glib-2.0", "gobject-2.0"), "-"],
                                    input=f'#include "{name}"\n#include "{name}"\n', text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if answer.returncode != 0:
                faults.append(f"{name} as {language}:\n{answer.stdout}")
    return len(names) * len(COMPILERS), faults


if __name__ == "__main__":
    house.main(check)
