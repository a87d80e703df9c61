#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 convert --schema=8.20`: programs of earlier releases, alone and in their archives.

    test_upgrade.py PT2
"""
import json
import zipfile

import command
from command import CORPUS, MLP, CommandTest

CONSTANTS = str(CORPUS / "torch-2.1.2/constants.pt2")
TODAY = {"major": 8, "minor": 20}
COND = str(CORPUS / "torch-2.6.0/cond_old.pt2")


class Upgrade(CommandTest):
    def upgraded(self, source, name="new.pt2", *words):
        out = self.path(name)
        answer = self.run_pt2("convert", "-f", "--schema=8.20", *words, source, out)
        self.assertEqual((answer.returncode, answer.stdout), (0, b""), answer.stderr)
        return out, answer.stderr.decode()

    def test_an_archive(self):
        out, said = self.upgraded(CONSTANTS)
        self.assertEqual(said, "")
        self.assertEqual(self.json("info", out)["schema_version"], TODAY)
        with zipfile.ZipFile(out) as made:
            names = {name.partition("/")[2] for name in made.namelist()}
        self.assertLessEqual({"models/model.json", "data/constants/tensor_0", "data/constants/tensor_1"}, names)
        tensors = {tensor["fqn"] for tensor in self.json("tensors", out)}
        self.assertEqual(tensors, {"c", "q", "_tensor_constant0", "_tensor_constant1"})
        for verb in ("sig", "ops", "ls", "shapes"):
            self.assertNotEqual(self.good(verb, out), b"")

    def test_a_program_alone(self):
        text = self.path("old.json")
        self.good("convert", "-f", CONSTANTS, text)
        for name in ("new.json", "new.thrift", "new.thrift.zst"):
            out, _ = self.upgraded(text, name)
            self.assertEqual(self.json("info", out)["schema_version"], TODAY)

    def test_a_compact_archive(self):
        out, _ = self.upgraded(CONSTANTS, "new.pt2c")
        self.assertEqual(self.json("info", out)["schema_version"], TODAY)

    def test_explain(self):
        _, said = self.upgraded(CONSTANTS, "new.pt2", "--explain")
        steps = [line.split(": ")[0] for line in said.splitlines()]
        self.assertEqual(steps[:3], ["call-spec", "signature", "constants"])
        self.assertIn("constants: 2: tensors inside the graph", said)
        self.assertEqual(self.upgraded(MLP, "same.pt2", "--explain")[1], "nothing had to change but the version\n")

    def test_unknown_fields_stay_beside_wrapped_types(self):
        """Up to major 1 the type of a value stands under `meta`."""
        with zipfile.ZipFile(CORPUS / "torch-2.1.2/mlp.pt2") as old:
            text = json.loads(old.read("serialized_exported_program.json"))
        value = text["graph_module"]["graph"]["tensor_values"]["relu"]
        value["outer"], value["meta"]["inner"] = [1], {"k": 2}
        out, _ = self.upgraded(self.path("old.json", json.dumps(text).encode()), "new.json")
        with open(out, "rb") as new:
            value = json.load(new)["graph_module"]["graph"]["tensor_values"]["relu"]
        self.assertEqual((value["outer"], value["inner"]), ([1], {"k": 2}))
        self.assertEqual(value["dtype"], 7)
        self.assertNotIn("meta", value)

    def test_refusals(self):
        def broken(**changes):
            with zipfile.ZipFile(CONSTANTS) as old:
                text = json.loads(old.read("serialized_exported_program.json"))
            text["graph_module"].update(changes)
            return self.path("broken.json", json.dumps(text).encode())

        self.fails("PT2-V001", "convert", "--schema=8.20", broken(graph=3), self.path("o.json"), has="graph_module.graph")
        self.fails("PT2-V002", "convert", "--schema=8.20", broken(call_spec=None), self.path("o.json"), has="call_spec")
        self.fails("PT2-U002", "convert", "--explain", CONSTANTS, self.path("o.json"), has="--schema")
        self.fails("PT2-U002", "convert", "--schema=8.20", CONSTANTS, self.path("o.safetensors"), has="safetensors")
        self.fails("PT2-E002", "convert", "--schema=9.1", CONSTANTS, self.path("o.json"))

    def test_every_archive_gets_an_answer(self):
        out = self.path("o.pt2")
        for path in sorted(CORPUS.glob("*/*.pt2")):
            answer = self.run_pt2("convert", "-f", "--schema=8.20", str(path), out)
            self.assertIn(answer.returncode, (0, 1, 2), path)

    def test_parameters_say_what_their_payloads_say(self):
        for release in ("2.1.2", "2.2.2", "2.3.1"):
            out, said = self.upgraded(str(CORPUS / f"torch-{release}/mlp.pt2"), "new.pt2", "--explain")
            self.assertIn("gradients: 4: ", said)
            self.assertNotIn(b"PT2-W113", self.good("verify", out))

    def test_calls_of_subgraphs(self):
        out, said = self.upgraded(COND, "new.pt2", "--explain")
        self.assertEqual(said.split(": ")[:2], ["subgraphs", "1"])
        program = json.loads(self.good("convert", out, "-", "--to=json"))
        call = [node for node in program["graph_module"]["graph"]["nodes"] if node["target"].endswith(".cond")]
        self.assertEqual([(list(node["outputs"][0]), node["is_hop_single_tensor_return"]) for node in call],
                         [(["as_tensor"], False)])


if __name__ == "__main__":
    command.main()
