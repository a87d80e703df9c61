#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""libpt2's compact and JSON against Apache Thrift's Python (in C and in Python), C++ and c_glib.

    test_interop.py --corpus FOLDER --types FOLDER PT2_PEER CPP_PEER C_GLIB_PEER

Every program and payload config of major 8 in the corpus, and random values of every root type, go from each writer
to each reader. Python keeps the order of map entries, so its bytes must be ours; C++ sorts them and c_glib's hash
tables shuffle them, so there the bytes must be equal once the entries are in order. Each comparison of one program
counts. Last line: `N passed, N failed`.
"""
import argparse
import os
import sys
import tempfile

import python_peer
import random_values
from peers import PAYLOADS, PROGRAM, ROOTS, Peers, Results, corpus_texts, in_order, outcome

RANDOM = 100  # values of each root
NUL = "nul-"  # names of values with NUL in their texts, which end a text in c_glib


class Interop:
    def __init__(self, types, schema, peers):
        self.types, self.schema, self.peers, self.results = types, schema, peers, peers.results

    def class_of(self, root):
        return getattr(self.types, root)

    def check_texts(self, root, texts):
        """From PyTorch's JSON: our compact is what Python makes of the text, and gives the text back."""
        compact = self.peers.ours(root, "json", "compact", texts)
        back = self.peers.ours(root, "compact", "json", compact)
        for name, text in texts.items():
            value = outcome(python_peer.from_json, text, self.class_of(root))
            self.results.same(outcome(python_peer.to_compact, value), compact.get(name), "Python's compact of JSON", name)
            self.results.same(outcome(python_peer.to_json, value, self.schema), text, "Python's JSON", name)
            self.results.same(back.get(name), text, "JSON -> compact -> JSON", name)
        return compact

    def check_random(self, root):
        """From Python's compact: we give the same bytes back, and the JSON that Python makes of them."""
        values = {prefix + str(seed): random_values.make(self.class_of(root), self.schema, f"{root} {seed}", prefix == NUL)
                  for seed in range(RANDOM) for prefix in ("random-", NUL)}
        compact = {name: python_peer.to_compact(value) for name, value in values.items()}
        rewritten = self.peers.ours(root, "compact", "compact", compact)
        texts = self.peers.ours(root, "compact", "json", compact)
        again = self.peers.ours(root, "json", "compact", texts)
        for name, value in values.items():
            text = python_peer.to_json(value, self.schema)
            self.results.same(rewritten.get(name), compact[name], "compact -> compact", name)
            self.results.same(texts.get(name), text, "JSON of Python's compact", name)
            from_text = python_peer.from_json(text, self.class_of(root))
            self.results.same(again.get(name), python_peer.to_compact(from_text), "compact of the JSON", name)
        return compact

    def check_python(self, root, compact):
        for name, data in compact.items():
            for pure in (False, True):
                value = outcome(python_peer.from_compact, data, self.class_of(root), pure)
                self.results.same(outcome(python_peer.to_compact, value, pure), data,
                                  "Python (pure)" if pure else "Python (C)", name)

    def check_shuffled(self, root, compact, peer, what):
        """A peer that does not keep the order of map entries: its bytes in order, and what we make of its bytes."""
        theirs = self.peers.run([peer, root, "compact", "compact"], compact)
        texts = self.peers.ours(root, "compact", "json", compact)
        their_texts = self.peers.ours(root, "compact", "json", theirs)
        for name, data in compact.items():
            ordered = python_peer.sorted_compact(data, self.class_of(root))
            got = theirs.get(name, b"")
            if what != "C++":
                got = outcome(python_peer.sorted_compact, got, self.class_of(root))
            self.results.same(got, ordered, what, name)
            self.results.same(in_order(their_texts.get(name)), in_order(texts.get(name)), f"JSON of what {what} wrote", name)

    def check(self, root, texts):
        compact = self.check_texts(root, texts) if texts else {}
        compact.update(self.check_random(root))
        self.check_python(root, compact)
        self.check_shuffled(root, compact, self.peers.cpp, "C++")
        without_nul = {name: data for name, data in compact.items() if not name.startswith(NUL)}
        self.check_shuffled(root, without_nul, self.peers.c_glib, "c_glib")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--types", required=True, help="the folder where apache_types.py wrote")
    for peer in ("pt2_peer", "cpp_peer", "c_glib_peer"):
        parser.add_argument(peer)
    options = parser.parse_args()
    types = python_peer.load_types(os.path.join(options.types, "py"))
    schema = python_peer.Schema(os.path.join(options.types, "xml", "export_schema.xml"))
    texts = corpus_texts(options.corpus)
    with tempfile.TemporaryDirectory() as scratch:
        interop = Interop(types, schema, Peers(options, scratch, Results()))
        interop.results.expect(len(texts[PROGRAM]) > 100, "the corpus has programs", options.corpus)
        interop.results.expect(len(texts[PAYLOADS]) > 10, "the corpus has payload configs", options.corpus)
        for root in ROOTS:
            interop.check(root, texts[root])
    print(f"{interop.results.passed} passed, {interop.results.failed} failed")
    return 1 if interop.results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
