# SPDX-License-Identifier: Apache-2.0
"""What the figures must reach. Each check is a row: what, target, measured, ok (None: not measured).

A speed is bytes at hand in a second; times include the freeing of what was made. A ratio is the median over the
rounds of peer time to libpt2 time, both from the same round.
"""
import math
import statistics

US = "libpt2"
TEMPLATES, ORDINARY, CURSOR = "thrift-cpp-templates", "thrift-cpp", "c-glib-cursor"
DENSE = ("dense-1k", "dense-10k")


class Results:
    """Measurements by (corpus, what, peer): one for each round."""

    def __init__(self):
        self.lines = {}
        self.facts = {}  # (corpus, name) -> value

    def add(self, corpus, what, peer, line):
        if line is not None:
            self.lines.setdefault((corpus, what, peer), []).append(line)

    @staticmethod
    def seconds(line, release=True):
        return line["median_with_release"] if release and "median_with_release" in line else line["median_seconds"]

    def speed(self, corpus, what, peer, release=True):
        """MB/s, or None."""
        lines = self.lines.get((corpus, what, peer))
        return lines and statistics.median(line["bytes"] / self.seconds(line, release) for line in lines) / 1e6

    def ratio(self, corpus, what, peer, release=True):
        """How many times faster libpt2 is than PEER for the same document, or None."""
        ours, theirs = (self.lines.get((corpus, what, who)) for who in (US, peer))
        if not ours or not theirs:
            return None
        return statistics.median(self.seconds(b, release) / self.seconds(a, release) for a, b in zip(ours, theirs))

    def value(self, corpus, what, key):
        lines = self.lines.get((corpus, what, US))
        return lines[-1].get(key) if lines else None


def row(what, target, measured, text, reached):
    return {"what": what, "target": target, "measured": "not measured" if measured is None else text,
            "ok": None if measured is None else bool(reached), "value": measured}


def check_speed(results, corpus, what, least):
    speed = results.speed(corpus, what, US)
    return row(f"{what}, {corpus}", f"≥ {least} MB/s", speed, f"{speed or 0:.0f} MB/s", (speed or 0) >= least)


def check_ratio(results, corpus, what, peer, least, aim=None):
    ratio = results.ratio(corpus, what, peer)
    bare = results.ratio(corpus, what, peer, release=False)
    text = ""
    if ratio is not None:
        text = f"{ratio:.2f}× ({results.speed(corpus, what, US):.0f} to {results.speed(corpus, what, peer):.1f} MB/s)"
        if abs(bare - ratio) > 0.05 * ratio:
            text += f"; {bare:.2f}× without freeing"
    target = f"≥ {least:g}× {peer}" + (f", aim {aim:g}×" if aim else "")
    return row(f"{what}, {corpus}", target, ratio, text, (ratio or 0) >= least)


def decode_rows(results):
    yield from (check_speed(results, corpus, "decode", 1200) for corpus in DENSE)
    yield from (check_ratio(results, corpus, "decode", TEMPLATES, 5) for corpus in DENSE + ("real",))
    yield check_ratio(results, "dense-100k", "decode", TEMPLATES, 12)
    yield from (check_ratio(results, corpus, "decode", CURSOR, 50) for corpus in ("dense-1k", "real"))
    yield from (check_speed(results, corpus, "cold", 500) for corpus in DENSE + ("real",))


def encode_rows(results):
    yield from (check_ratio(results, corpus, "encode", TEMPLATES, 1.5, 3) for corpus in DENSE + ("real",))
    yield from (check_ratio(results, corpus, "encode", ORDINARY, 5) for corpus in DENSE + ("real",))


def json_rows(results):
    for corpus in ("dense-1k", "dense-10k", "real"):
        yield check_ratio(results, corpus, "load", "torch-cpp", 10, 20)
        yield check_ratio(results, corpus, "load", "simdjson", 0.5)
    yield from (check_ratio(results, corpus, "load", "torch-python", 300) for corpus in ("dense-1k", "real"))
    for corpus in ("dense-1k", "dense-10k", "real"):
        yield check_ratio(results, corpus, "dump", "python-json", 10)
        yield check_ratio(results, corpus, "dump", "torch-cpp", 10)


def memory_rows(results):
    for corpus in ("dense-1k", "dense-10k", "dense-100k", "dense-1M"):
        memory, compact = (results.value(corpus, "decode", key) for key in ("document_bytes", "bytes"))
        times = memory / compact if memory else None
        yield row(f"memory, {corpus}", "≤ 3 × compact bytes", times, f"{times or 0:.2f} ×", (times or 9) <= 3)


def allocation_rows(results, sizes):
    for corpus, nodes in sizes.items():
        if corpus.startswith("dense"):
            for what in ("decode", "load"):
                count = results.value(corpus, what, "allocations")
                most = 8 + 4 * math.ceil(math.log2(nodes))
                yield row(f"allocations, {what}, {corpus}", f"O(log n): ≤ {most}", count, f"{count}",
                          (count or 0) <= most)


KEPT = " in kept memory"  # behind what is measured


def growth_rows(results, sizes):
    """Largest to smallest of time (memory) per node over the dense corpora. Of times the median over the rounds, and the
    least disturbed step of each: a million nodes leave room for few, so that a neighbour's work would be theirs alone."""
    dense = {corpus: nodes for corpus, nodes in sizes.items() if corpus.startswith("dense")}
    span = f"{min(dense, key=dense.get)} to {max(dense, key=dense.get)}"
    for what in ("decode", "encode", "load", "dump"):
        for memory in (KEPT, ""):
            lines = [results.lines.get((corpus, what + memory, US), []) for corpus in dense]
            rounds = [[line["best"] / n for line, n in zip(turn, dense.values())] for turn in zip(*lines)]
            yield growth_row(f"time a node, {what}{memory}, {span}", rounds, len(dense))
    for what in ("decode", "load"):
        bytes_of = {c: results.value(c, what, "document_bytes") for c in dense}
        yield growth_row(f"memory a node, {what}, {span}", [[b / dense[c] for c, b in bytes_of.items() if b]], len(dense))


def growth_row(name, rounds, wanted):
    spreads = [max(per_node) / min(per_node) for per_node in rounds if len(per_node) == wanted > 1]
    spread = statistics.median(spreads) if spreads else None
    return row(name, "within 1.3×", spread, f"{spread or 0:.2f}×", (spread or 9) <= 1.3)


def size_rows(results):
    for corpus, near in (("real", 52.8), ("dense-10k", 38)):
        json_bytes, compact, packed = (results.facts.get((corpus, key)) for key in ("json", "compact", "compact_zst"))
        percent = 100 * compact / json_bytes if compact else None
        yield row(f"compact of JSON, {corpus}", f"about {near} %", percent, f"{percent or 0:.1f} %",
                  abs((percent or 0) - near) < 2)
        if corpus == "real":
            share = 100 * packed / json_bytes if packed else None
            yield row(f"compact.zst of JSON, {corpus}", "≤ 2 %", share, f"{share or 0:.2f} %", (share or 9) <= 2)
    for corpus in ("dense-1k", "real"):
        same = results.facts.get((corpus, "apache_same"))
        yield row(f"compact, {corpus}", "Apache's own bytes", same, "the same" if same else "differs", same)
    for corpus in ("dense-1k", "real"):
        same = results.value(corpus, "dump", "same_bytes")
        yield row(f"dump of load, {corpus}", "the same text", same, "the same" if same else "differs", same)


def instruction_rows(results):
    for corpus in ("dense-1k", "real"):
        ours, theirs = (results.facts.get((corpus, f"instructions {peer}")) for peer in (US, TEMPLATES))
        if ours and theirs:
            yield {"what": f"instructions a byte, decode, {corpus}", "target": "", "value": ours, "ok": None,
                   "measured": f"{ours:.1f}; {TEMPLATES} {theirs:.1f}"}


def all_rows(results, sizes):
    rows = [*decode_rows(results), *encode_rows(results), *memory_rows(results), *json_rows(results)]
    return rows + [*growth_rows(results, sizes), *size_rows(results), *allocation_rows(results, sizes),
                   *instruction_rows(results)]
