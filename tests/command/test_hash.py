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
from command import CORPUS, MLP, OLD, ROOT, CommandTest

FORMS = ("torch-2.15.0/mlp.pt2", "torch-2.15.0/tied_views.pt2", "torch-2.8.0/mlp.pt2", "torch-2.7.1/tied_views.pt2", "torch-2.1.2/mlp.pt2",
         "torch-2.5.1/constants.pt2", "torch-2.15.0/convnet.pt2", "torch-2.15.0/dtype_zoo.pt2", "torch-2.15.0/subclass_weight.pt2",
         "torch-2.7.1/subclass_weight.pt2")
# Those with a tensor whose elements nobody can have.
UNREAD = "subclass_weight"
# Programs that do nothing but compute values: no effects, which only libpt2 knows.
PURE = ("arguments", "cond_nested", "custom_op", "draft", "gpt_2l", "guards", "map", "mlp", "quantized", "subclass_weight", "sym_int_in",
        "symbolic", "tied_views", "tree_inputs", "unbacked", "while_loop")
# What stood in the first release: an id never changes.
MLP_ID = "pt2h1:a1351c127427e0898d65144368a9b4211fd57709ed289b33353885e2fb7ad1fb"


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
            self.assertEqual(content_id.content(bytes.fromhex(told["graph"]), content_id.tree(leaves)), told["content"])

    def test_independent_program(self):
        """The hash of the program, made from its JSON and the IDL."""
        idl = (ROOT / "thrift/export_schema.thrift").read_text(encoding="utf-8")
        for name in PURE:
            sample = str(CORPUS / "torch-2.15.0" / f"{name}.pt2")
            told = self.json("hash", "--parts", "--no-payloads", sample)["graph"]
            for seed in (None, 3):
                program = json.loads(self.good("convert", sample, "-", "--to=json"))
                if seed is not None:
                    program = shuffle_program.shuffled(program, seed)
                self.assertEqual(content_id.Program(idl).digest(program).hex(), told, (name, seed))

    def test_other_minors(self):
        """The same model as another release would have written it."""
        for sample in ("torch-2.6.0/mlp.pt2", "torch-2.8.0/mlp.pt2", "torch-2.7.1/cond_nested.pt2"):
            sample = str(CORPUS / sample)
            self.run_pt2("convert", "-q", "-f", "--schema=8.20", sample, self.path("new.pt2"))
            self.assertEqual(self.id(self.path("new.pt2")), self.id(sample), sample)

    def test_sharing(self):
        """Two nodes that make the same, of which one or both are used."""
        text = json.loads(self.good("convert", str(CORPUS / "torch-2.15.0/mlp.pt2"), "-", "--to=json"))
        graph = text["graph_module"]["graph"]
        relu = next(node for node in graph["nodes"] if node["target"] == "torch.ops.aten.relu.default")
        again = json.loads(json.dumps(relu).replace('"relu"', '"relu_9"'))
        graph["nodes"].insert(graph["nodes"].index(relu) + 1, again)
        graph["tensor_values"]["relu_9"] = graph["tensor_values"]["relu"]
        unused = self.id(self.path("p.json", json.dumps(text).encode()))
        last = graph["nodes"][-1]
        last["inputs"][0]["arg"]["as_tensor"]["name"] = "relu_9"
        self.assertEqual(self.id(self.path("p.json", json.dumps(text).encode())), unused)
        del graph["nodes"][graph["nodes"].index(relu)], graph["tensor_values"]["relu"]
        self.assertNotEqual(self.id(self.path("p.json", json.dumps(text).encode())), unused)

    def test_what_counts(self):
        text = json.loads(self.good("convert", MLP, "-", "--to=json"))
        path = self.path("p.json")

        def of(program):
            return self.id(self.path("p.json", json.dumps(program).encode()))

        want = of(text)
        self.assertEqual(of(shuffle_program.shuffled(text, 1)), want)
        self.assertEqual(of(dict(text, torch_version="3.0")), want)
        self.assertEqual(of(dict(text, schema_version={"major": 8, "minor": 19})), want)
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
