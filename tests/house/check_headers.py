#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each public header compiles by itself, as C11 and as C++17, without a warning, and documents in lines of its own.

    check_headers.py FOLDER_OF_GENERATED_HEADERS PUBLIC_HEADER… [--with PACKAGE HEADER…]

Those behind --with are checked as users of PACKAGE include them.
"""
import pathlib
import re
import subprocess

import house

COMPILERS = {
    "C11": ["gcc", "-x", "c", "-std=c11", "-Wstrict-prototypes"],
    "C++17": ["g++", "-x", "c++", "-std=c++17"],
}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-fsyntax-only"]


def check(generated, *headers):
    headers, _, extra = partition(headers, "--with")
    headers = [pathlib.Path(header) for header in headers]
    names = [header.name for header in headers if header.suffix == ".h"]
    names += [path.name for path in pathlib.Path(generated).glob("pt2-*.h")]
    folders = sorted({f"-I{header.resolve().parent}" for header in headers}) + [f"-I{generated}"]
    faults = check_names(names, [*folders, *house.flags("glib-2.0", "gobject-2.0")])
    faults += check_comments([header for header in headers if header.suffix == ".h"])
    if extra:
        package, *more = extra
        more = [pathlib.Path(header).resolve() for header in more]
        # The generated ones are not ours to tidy.
        system = [word for path in more for word in ("-isystem", str(path.parent))]
        checked = [path.name for path in more if not path.name.endswith("-types.h")]
        faults += check_names(checked, [*system, *folders, *house.flags(package, "glib-2.0", "gobject-2.0")])
        names += checked
    return len(names) * len(COMPILERS), faults


def check_comments(headers):
    """In documentation, what is returned and since when stand at the start of a line, where readers and tools look."""
    return [f"{header.name}: \"{line}\"" for header in headers
            for comment in re.findall(r"/\*\*\n.*?\*/", header.read_text(encoding="utf-8"), re.S)
            for line in comment.splitlines() if re.search(r"[^ *].*(Returns:|Since: \d)", line)]


def partition(words, word):
    """The words before WORD, WORD, and those behind it."""
    at = words.index(word) if word in words else len(words)
    return words[:at], words[at:at + 1], words[at + 1:]


def check_names(names, flags):
    faults = []
    for name in names:
        for language, compiler in COMPILERS.items():
            answer = subprocess.run([*compiler, *WARNINGS, *flags, "-"],
                                    input=f'#include "{name}"\n#include "{name}"\n', text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if answer.returncode != 0:
                faults.append(f"{name} as {language}:\n{answer.stdout}")
    return faults


if __name__ == "__main__":
    house.main(check)
