#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What must be refused or found out rather than answered wrongly: little memory, odd orders, names of nothing, streams
without end.

    test_refusals.py PT2
"""
import json
import resource
import subprocess

import command
from command import LINE, MLP, CommandTest


def limited(words, bytes_of_memory):
    """A run with so much address space."""
    return subprocess.run([command.PT2, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (bytes_of_memory,) * 2))


class Refusals(CommandTest):
    def test_answers_are_whole_or_none(self):
        """Whatever memory there is, `sig` gives the whole answer or says that it cannot."""
        if b"__asan_init" in command.read(command.PT2):
            self.skipTest("AddressSanitizer takes all address space for itself")
        program = json.loads(self.program())
        specs = program["graph_module"]["signature"]["input_specs"]
        specs.extend(specs[-1:] * 150000)
        path = self.path("large.json", json.dumps(program).encode())
        whole = self.good("sig", "--json", path)
        seen = set()
        for mebibytes in range(24, 400, 24):
            answer = limited(["sig", "--json", path], mebibytes << 20)
            seen.add(answer.returncode)
            if answer.returncode == 0:
                self.assertEqual(answer.stdout, whole, mebibytes)
        self.assertIn(0, seen)
        self.assertGreater(len(seen), 1)

    def test_keys_in_any_order(self):
        program = json.loads(self.program())
        filler = {"zz": "x" * 70000}
        version, module = program.pop("schema_version"), program.pop("graph_module")
        odd = {**filler, "schema_version": version, "graph_module": module, "yy": "y" * 70000, **program}
        self.assertEqual(self.json("ops", self.path("odd.json", json.dumps(odd).encode())), self.json("ops", MLP))

    def test_name_for_a_program_without_one(self):
        path = self.path("m.json", self.program())
        for verb in ("ops", "info", "sig"):
            self.fails("PT2-U003", verb, "--model=other", path)

    def test_json_record_is_json(self):
        compact = self.good("convert", MLP, "-", "--to=compact")
        for data, error_id in ((compact, "PT2-J002"), (b"", "PT2-J001"), (b" \n", "PT2-J001")):
            path = self.path("a.pt2", command.pt2_archive({"models/m.json": data}))
            match = self.fails(error_id, "ops", path)
            self.assertIn("models/m.json@", match["where"])

    def test_endless_stream(self):
        with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as source:
            answer = subprocess.run([command.PT2, "info", "--limit=memory=8M", "-"], stdin=source.stdout,
                                    stderr=subprocess.PIPE, timeout=60)
            source.kill()
            source.stdout.close()
        self.assertEqual(answer.returncode, 2)
        self.assertEqual(LINE.fullmatch(answer.stderr.decode())["id"], "PT2-L003")

    def test_limits_say_what_they_take(self):
        self.fails("PT2-U006", "info", "--limit=depth=9999999", MLP, has="more than this limit can be")
        self.fails("PT2-U006", "info", "--limit=depth=ten", MLP, has="expected digits")
        self.fails("PT2-U006", "info", "--limit=depht=10", MLP, has="no limit of that name")


if __name__ == "__main__":
    command.main()
