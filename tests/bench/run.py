#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures libpt2 beside its peers, in one run and in turns, and says which figures are reached.

    tests/bench/run.py [--build DIR] [--quick] [--torch-python VENV/bin/python] [--json FILE] [--markdown] [--callgrind]

DIR is a build with -Dbench=true -Dbuildtype=release. A peer that is not there is named as such. Timings are
no tests: the exit status is 0 whatever they are, 1 only if nothing could be measured.
"""
import argparse
import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile

import exchange
import figures
import graphs
from generate import write_program
from peers import ROOT, Peers, machine

SAMPLE = "torch-2.15.0/gpt_24l.pt2"
NODES = {"dense-1k": 1000, "dense-10k": 10_000, "dense-100k": 100_000, "dense-1M": 1_000_000}
COMPACT, JSON = ("decode", "cold", "encode"), ("load", "load-cold", "dump")
WHATS = COMPACT + JSON
ORDER = ("libpt2", "thrift-cpp-templates", "thrift-cpp", "c-glib-cursor", "c-glib", "thrift-python",
         "simdjson", "torch-cpp", "torch-python", "python-json")


def say(text):
    print(text, file=sys.stderr, flush=True)


def make_corpora(names, work, sample, peers):
    """Writes NAME.json and NAME.compact in WORK; returns the node count of each corpus made."""
    sizes = {}
    for name in names:
        text, compact = os.path.join(work, name + ".json"), os.path.join(work, name + ".compact")
        if not os.path.exists(text):
            say(f"generating {name} …")
            write_program("real" if name == "real" else "dense", NODES.get(name, 0), text + ".part", sample)
            os.rename(text + ".part", text)
        converted = os.path.exists(compact) or peers.convert(text, compact)
        if not converted and NODES.get(name, 0) <= NODES["dense-100k"]:
            converted = peers.convert(text, compact, "thrift-python")
        if not converted:
            say(f"{name}: no compact form could be made")
        sizes[name] = NODES.get(name, 1000)
    return sizes


def measure_all(results, sizes, work, peers, options):
    for corpus, nodes in sizes.items():
        for what in WHATS:
            path = os.path.join(work, corpus + (".json" if what in JSON else ".compact"))
            who = [peer for peer in ORDER if peers.can(peer, what, nodes) and os.path.exists(path)]
            rounds = options.rounds * (3 if what.endswith("cold") and nodes < 10**5 else 1)
            if nodes > 10**5:
                rounds = min(rounds, 2)
            say(f"{corpus} {what}: {', '.join(who) or 'nobody'}")
            for _ in range(rounds):
                for peer in who:
                    results.add(corpus, what, peer, peers.measure(peer, what, path, options.seconds))


def measure_growth(results, sizes, work, peers, options):
    """libpt2 alone, on every size in turns, warm at each: in memory that the process had before."""
    dense = [corpus for corpus in sizes if corpus.startswith("dense")]
    for what in ("decode", "encode", "load", "dump"):
        say(f"growth {what}: {', '.join(dense)}")
        for _ in range(options.rounds if len(dense) > 1 else 0):
            for corpus in dense:
                path = os.path.join(work, corpus + (".json" if what in JSON else ".compact"))
                line = peers.measure(figures.US, what, path, options.seconds, kept_memory=True)
                results.add(corpus, what + figures.KEPT, figures.US, line)


def find_facts(results, sizes, work, peers, callgrind):
    """Sizes, sameness with Apache's bytes, instruction counts."""
    for corpus in sizes:
        text, compact = os.path.join(work, corpus + ".json"), os.path.join(work, corpus + ".compact")
        if "libpt2" in peers.commands and corpus in ("real", "dense-10k"):
            line = peers.measure("libpt2", "sizes", text, 0) or {}
            results.facts.update({(corpus, key): line.get(key) for key in ("json", "compact", "compact_zst")})
        if corpus in ("real", "dense-1k") and os.path.exists(compact):
            other = compact + ".apache"
            if peers.convert(text, other, "thrift-python"):
                results.facts[corpus, "apache_same"] = filecmp.cmp(compact, other, shallow=False)
            if callgrind:
                count_instructions(results, corpus, compact, peers)


def count_instructions(results, corpus, compact, peers):
    for peer in (figures.US, figures.TEMPLATES):
        if peer in peers.commands and shutil.which("valgrind"):
            count = peers.instructions(peer, "cold", compact)
            if count:
                results.facts[corpus, f"instructions {peer}"] = count / os.path.getsize(compact)


# ---- what is shown ----

def columns(rows, markdown):
    if markdown:
        lines = ["| " + " | ".join(cells) + " |" for cells in rows]
        return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]
    widths = [max(len(cells[i]) for cells in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip() for cells in rows]


def target_table(rows, markdown):
    words = {True: "ok", False: "NO", None: ""}
    cells = [(r["what"], r["target"], r["measured"], words[r["ok"]]) for r in rows]
    return columns([("what", "target", "measured", "ok"), *cells], markdown)


def speed_table(results, sizes, peers, markdown):
    """MB/s of the bytes at hand, freeing included; in brackets without it."""
    lines = [("peer", "what", *sizes)]
    for what in WHATS:
        for peer in ORDER:
            cells = [speed_cell(results, corpus, what, peer) for corpus in sizes]
            if any(cells):
                lines.append((peer, what, *(cell or "–" for cell in cells)))
    lines += [(peer, "", "not installed", *[""] * (len(sizes) - 1)) for peer in ORDER if peer in peers.missing]
    return columns(lines, markdown)


def speed_cell(results, corpus, what, peer):
    whole, bare = (results.speed(corpus, what, peer, release) for release in (True, False))
    if whole is None:
        return ""
    precise = ".0f" if whole >= 20 else ".1f"
    return f"{whole:{precise}}" + (f" ({bare:{precise}})" if bare > 1.05 * whole else "")


def show(results, rows, sizes, peers, host, markdown):
    bullet = "* " if markdown else ""
    print(f"{bullet}machine: {host['processor']}, {host['cores']} cores, {host['system']}; {host['date']}, "
          f"load {host['load']:.1f} at the start")
    print(f"{bullet}versions: " + ", ".join(f"{key} {value}" for key, value in sorted(peers.versions.items())))
    tables = [("Targets", target_table(rows, markdown))]
    if results.lines:
        tables.append(("Speed, MB/s (in brackets: without freeing)", speed_table(results, sizes, peers, markdown)))
    for title, lines in tables:
        print(f"\n{'### ' if markdown else ''}{title}\n")
        print("\n".join(lines))
    for peer, why in peers.missing.items():
        print(f"\n{peer}: {why}" if markdown else f"{peer}: {why}")


def as_json(results, rows, sizes, peers, host):
    lines = [{"corpus": corpus, "what": what, "peer": peer, "rounds": rounds}
             for (corpus, what, peer), rounds in results.lines.items()]
    facts = [{"corpus": corpus, "name": name, "value": value} for (corpus, name), value in results.facts.items()]
    return {"machine": host, "versions": peers.versions, "missing": peers.missing, "nodes": sizes, "targets": rows,
            "facts": facts, "measurements": lines}


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--quick", action="store_true", help="about a minute: up to 10k nodes, two short rounds")
    parser.add_argument("--rounds", type=int, help="default 5; quick: 2")
    parser.add_argument("--seconds", type=float, help="for each measurement of a round; default 0.5; quick: 0.1")
    parser.add_argument("--corpora", help="comma-separated, of real,dense-1k,dense-10k,dense-100k,dense-1M")
    parser.add_argument("--only", default="codec,exchange,graph", help="comma-separated, of codec,exchange,graph")
    parser.add_argument("--torch-python", help="the Python of an environment with PyTorch; $PT2_TORCH_VENV otherwise")
    parser.add_argument("--sample", default=os.path.join(ROOT, "tests", "corpus", SAMPLE))
    parser.add_argument("--work", help="keep the generated corpora in this folder (default: a temporary one)")
    parser.add_argument("--json", metavar="FILE", help="write every measurement")
    parser.add_argument("--markdown", action="store_true", help="print the tables for docs/benchmarks.md")
    parser.add_argument("--callgrind", action="store_true", help="count instructions with valgrind")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (0.1 if options.quick else 0.5)
    if not options.torch_python and os.environ.get("PT2_TORCH_VENV"):
        options.torch_python = os.path.join(os.environ["PT2_TORCH_VENV"], "bin", "python")
    names = ["real", "dense-1k", "dense-10k"] + ([] if options.quick else ["dense-100k", "dense-1M"])
    options.only = options.only.split(",")
    options.corpora = options.corpora.split(",") if options.corpora else names
    return options


def run(options, work):
    host = machine()
    peers = Peers(options.build, work, options.torch_python)
    sizes = make_corpora(options.corpora, work, options.sample, peers)
    results = figures.Results()
    rows = []
    if "codec" in options.only:
        measure_all(results, sizes, work, peers, options)
        if figures.US in peers.commands:
            measure_growth(results, sizes, work, peers, options)
        find_facts(results, sizes, work, peers, options.callgrind)
        rows = figures.all_rows(results, sizes)
    if "exchange" in options.only:
        say("exchange service")
        rows += exchange.all_rows(options.build, work, sizes, options.quick)
    if "graph" in options.only:
        say("graph")
        rows += graphs.all_rows(options.build, work, sizes, options)
    show(results, rows, sizes, peers, host, options.markdown)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(as_json(results, rows, sizes, peers, host), out, indent=1)
            out.write("\n")
    return 0 if rows else 1


def main():
    options = read_options()
    try:
        if options.work:
            os.makedirs(options.work, exist_ok=True)
            return run(options, options.work)
        with tempfile.TemporaryDirectory(prefix="pt2-bench-") as work:
            return run(options, work)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
