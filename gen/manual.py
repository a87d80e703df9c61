#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the manual page pt2(1) of what the command says of itself; knows no verb by name.

    manual.py PT2 OUT.1

Help is taken as tools/help.c prints it: paragraphs, headings alone on a line, indented lists.
"""
import os
import re
import subprocess
import sys

VERB_LINE = re.compile(r"^  ([a-z]+) +(\S.*)$")
HEADINGS = ("Verbs", "Options for all verbs", "Examples")


def say(pt2, *words):
    return subprocess.run([pt2, *words], check=True, stdout=subprocess.PIPE, text=True,
                          env=dict(os.environ, NO_COLOR="1", LC_ALL="C.UTF-8")).stdout


def sections(text):
    """{heading: lines}; what stands before the first heading is under ""."""
    found, heading = {"": []}, ""
    for line in text.splitlines():
        if line in HEADINGS:
            heading = line
            found[heading] = []
        else:
            found[heading].append(line)
    return found


def roff(line):
    """LINE as text that no formatter takes for a request."""
    line = line.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    return "\\&" + line if line.startswith(".") else line


def body(lines):
    """Paragraphs filled, indented lines as they are."""
    out, verbatim = [], False
    for line in lines:
        indented = line.startswith("  ")
        if indented != verbatim and line:
            out.append(".nf" if indented else ".fi")
            verbatim = indented
        out.append(roff(line) if line else ".PP")
    return out + ([".fi"] if verbatim else [])


def strip_blank(lines):
    while lines and not lines[0]:
        lines = lines[1:]
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines


def verb_part(pt2, verb):
    parts = sections(say(pt2, verb, "--help"))
    usage, *rest = parts[""]
    if not usage.startswith("Usage: "):
        raise SystemExit(f"manual.py: `{verb} --help` does not begin with its usage")
    blank = rest.index("")
    return [f".SS {verb}", f".B {roff(usage.removeprefix('Usage: '))}", ".PP", *body(rest[:blank]), ".PP",
            *body(strip_blank(rest[blank:])), ".PP", *body(strip_blank(parts["Examples"]))]


def page(pt2):
    whole = sections(say(pt2, "--help"))
    usage, *about = whole[""]
    verbs = [match.group(1) for line in whole["Verbs"] if (match := VERB_LINE.match(line))]
    if not verbs:
        raise SystemExit("manual.py: `--help` names no verb")
    version = say(pt2, "--version").split()[-1]
    lines = [r'.\" Made by gen/manual.py from what the command prints; not to be edited.',
             f'.TH PT2 1 "" "libpt2 {version}"', ".SH NAME",
             roff("pt2 - open, show and convert PyTorch exported programs"),
             ".SH SYNOPSIS", f".B {roff(usage.removeprefix('Usage: '))}", ".SH DESCRIPTION", *body(strip_blank(about)),
             ".SH VERBS"]
    for verb in verbs:
        lines += verb_part(pt2, verb)
    lines += [".SH OPTIONS FOR ALL VERBS", *body(strip_blank(whole["Options for all verbs"])),
              ".SH EXAMPLES", *body(strip_blank(whole["Examples"]))]
    return "\n".join(lines) + "\n"


def main():
    pt2, out = sys.argv[1:]
    with open(out, "w", encoding="utf-8") as file:
        file.write(page(pt2))


if __name__ == "__main__":
    main()
