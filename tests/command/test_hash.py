#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 hash`: one id for one model in every form, another for another.

    test_hash.py PT2
"""
import json
import os
import shutil

import command
import content_id
import shuffle_program
from command import CORPUS, MLP, OLD, CommandTest

FORMS = ("torch-2.15.0/mlp.pt2", "torch-2.15.0/tied_views.pt2", "torch-2.8.0/mlp.pt2", "torch-2.7.1/tied_views.pt2", "torch-2.1.2/mlp.pt2",
         "torch-2.5.1/constants.pt2", "torch-2.15.0/convnet.pt2", "torch-2.15.0/dtype_zoo.pt2", "torch-2.15.0/subclass_weight.pt2",
         "torch-2.7.1/subclass_weight.pt2")
# Those with a tensor whose elements nobody can have.
UNREAD = "subclass_weight"
# What stood in the first release: an id never changes.
MLP_ID = "pt2h1:5b5a9dcf699bea6503a380757ab7ecd2f1c2231fe6eb3c03eb341872ff2d3ed3"


class Hash(CommandTest):
    def id(self, *words):
        return self.json("hash", *words)["content"]

    def id_of_form(self, sample, *words):
        """The id, with the status that is right for SAMPLE."""
        if UNREAD not in sample:
            return self.id(*words)
        answer = self.run_pt2("hash", *words)
        self.assertEqual(answer.returncode, 1, words)
        self.assertIn("PT2-W013", answer.stderr.decode())
        return answer.stdout.decode().strip()

    def test_vector(self):
        self.assertEqual(self.text("hash", MLP), MLP_ID + "\n")

    def test_all_forms(self):
        for sample in FORMS:
            sample = str(CORPUS / sample)
            want = self.id_of_form(sample, sample)
            for name in ("o.pt2", "o.pt2c"):
                self.good("convert", "-f", sample, self.path(name))
                self.assertEqual(self.id_of_form(sample, self.path(name)), want, (sample, name))
            self.run_pt2("convert", "-f", sample, self.path("o.safetensors"))
            self.good("convert", "-f", sample, self.path("o.json"))
            self.assertEqual(self.id_of_form(sample, "--weights", self.path("o.safetensors"), self.path("o.json")), want, sample)
            self.run_pt2("strip", "-q", "-f", "--all-debug", sample, self.path("o.pt2"))
            self.assertEqual(self.id_of_form(sample, self.path("o.pt2")), want, sample)

    def test_independent(self):
        """The hashes of docs/content-id.md, made by other code."""
        for sample in (MLP, str(CORPUS / "torch-2.15.0/tied_views.pt2")):
            told = self.json("hash", "--parts", sample)
            leaves = {}
            for item in self.json("tensors", sample):
                out = self.path("raw")
                self.good("extract", "-f", "--raw", f"--tensor={item['fqn']}", sample, out)
                leaves[item["fqn"]] = content_id.leaf(item["fqn"], item["dtype"], item["shape"], command.read(out))
            self.assertEqual({name: value.hex() for name, value in leaves.items()}, told["tensors"])
            self.assertEqual(content_id.tree(leaves).hex(), told["weights"])
            canonical = json.loads(self.good("canon", sample, self.path("c.json"), "-f") or command.read(self.path("c.json")))
            canonical["torch_version"] = ""
            graph = content_id.graph(json.dumps(canonical).encode())
            self.assertEqual(graph.hex(), told["graph"])
            self.assertEqual(content_id.content(graph, content_id.tree(leaves)), told["content"])

    def test_what_counts(self):
        text = json.loads(self.good("convert", MLP, "-", "--to=json"))
        path = self.path("p.json")

        def of(program):
            return self.id(self.path("p.json", json.dumps(program).encode()))

        want = of(text)
        self.assertEqual(of(shuffle_program.shuffled(text, 1)), want)
        self.assertEqual(of(dict(text, torch_version="3.0")), want)
        self.assertNotEqual(of(dict(text, opset_version={"aten": 11})), want)
        for seed in range(12):
            what, changed = shuffle_program.mutated(text, seed)
            if what:
                self.assertNotEqual(of(changed), want, what)
        self.assertTrue(os.path.exists(path))
        self.assertNotEqual(self.id(MLP), self.id("--no-payloads", MLP))
        self.assertEqual(self.id("--no-payloads", MLP), want)

    def test_many(self):
        folder = self.path("many")
        os.mkdir(folder)
        shutil.copy(MLP, os.path.join(folder, "a.pt2"))
        shutil.copy(OLD, os.path.join(folder, "b.pt2"))
        with open(os.path.join(folder, "c.pt2"), "wb") as out:
            out.write(command.read(MLP)[:3000])
        with open(os.path.join(folder, "notes.txt"), "wb") as out:
            out.write(b"nothing")
        answer = self.run_pt2("hash", "--threads=2", folder)
        lines = answer.stdout.decode().splitlines()
        self.assertEqual(answer.returncode, 2)
        self.assertIn("c.pt2: @3000: PT2-K003", answer.stderr.decode())
        self.assertNotIn("notes.txt", answer.stderr.decode())
        self.assertEqual(answer.stderr.decode().splitlines()[-1],
                         "pt2: 4 files: 2 hashed, 1 that could not be read, 1 of other kinds")
        found = {line.split("  ")[1]: line.split("  ")[0] for line in lines}
        self.assertEqual(sorted(found), [os.path.join(folder, name) for name in ("a.pt2", "b.pt2")])
        self.assertEqual(found[os.path.join(folder, "a.pt2")], MLP_ID)
        several = json.loads(self.good("hash", "--json", "--threads=2", MLP, OLD))
        self.assertEqual({hashed["file"]: hashed["content"] for hashed in several}, {MLP: MLP_ID, OLD: self.id(OLD)})

    def test_refusals(self):
        self.fails("PT2-U002", "hash", "--weights=x", MLP, OLD)
        self.fails("PT2-U002", "hash", "--threads=0", MLP)
        self.fails("PT2-F001", "hash", self.path("none"))


if __name__ == "__main__":
    command.main()
