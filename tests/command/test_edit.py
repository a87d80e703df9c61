#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 edit`: what is changed, in every form; what is refused; what is only shown.

    test_edit.py PT2
"""
import json
import os
import random
import struct
import zipfile

import command
from command import CORPUS, MLP, OLD, SEVERAL, CommandTest

ARGUMENT = "graph_module.graph.nodes[1].inputs[1].arg.as_float"
CONSTANTS = str(CORPUS / "torch-2.15.0/constants.pt2")
OLDER = str(CORPUS / "torch-2.8.0/mlp.pt2")
MAPPED = str(CORPUS / "torch-2.15.0/arguments.pt2")


def on_cuda(value):
    """VALUE with every device cpu turned into cuda:1."""
    if value == {"type": "cpu", "index": None}:
        return {"type": "cuda", "index": 1}
    if isinstance(value, dict):
        return {key: on_cuda(item) for key, item in value.items()}
    return [on_cuda(item) for item in value] if isinstance(value, list) else value


def places(value, path=""):
    """Every field path of VALUE, with what stands there."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            plain = key.isidentifier() and not path.endswith("_values")
            yield from places(item, f"{path}.{key}".lstrip(".") if plain else f'{path}["{key}"]')
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from places(item, f"{path}[{i}]")


class Edit(CommandTest):
    def program_of(self, path, *words):
        return json.loads(self.good("convert", path, "-", "--to=json", *words))

    def record(self, path, name):
        return self.good("cat", path, name)

    def test_any_value_anywhere(self):
        """Refused by an id and nothing written, or written, no worse than before, and readable."""
        chance = random.Random(7)
        for sample in (MLP, str(CORPUS / "torch-2.15.0/cond_nested.pt2")):
            found = list(places(self.program_of(sample)))
            errors = self.errors(sample)
            for _ in range(40):
                path, value = chance.choice(found)[0], chance.choice(found)[1]
                out = self.path("o.json")
                answer = self.run_pt2("edit", "-f", "--set", f"{path}={json.dumps(value)}", sample, out)
                if answer.returncode == 2:
                    self.assertRegex(answer.stderr.decode(), r"^pt2: .*: PT2-[A-Z]\d{3}: ", path)
                    self.assertFalse(os.path.exists(out))
                    continue
                self.assertEqual(answer.returncode, 0, path)
                self.assertLessEqual(self.errors(out), errors, (path, value))
                os.remove(out)

    def errors(self, path):
        report = json.loads(self.run_pt2("verify", "--no-payloads", "--json", path).stdout)
        return len([f for f in report["findings"] if f["severity"] == "error"])

    def test_rename_value(self):
        out = self.path("o.pt2")
        for old, new in (("x", "tokens"), ("relu", "hidden"), ("linear_1", "result"), ("p_a_weight", "first")):
            self.good("edit", "-q", "-f", f"--rename-value={old}:{new}", MLP, out)
            self.assertTrue(self.json("diff", MLP, out, status=1)["renamed_only"], old)
            self.assertEqual(self.good("hash", out), self.good("hash", MLP))
            self.assertNotIn(json.dumps(old).encode(), json.dumps(self.program_of(out)["graph_module"]["graph"]).encode())
        self.fails("PT2-U009", "edit", "--rename-value=none:a", MLP, self.path("no.pt2"))
        self.fails("PT2-G010", "edit", "--rename-value=x:relu", MLP, self.path("no.pt2"))
        self.fails("PT2-U002", "edit", "--rename-value=x", MLP, self.path("no.pt2"))

    def test_weights(self):
        weights, out, again = self.path("w.safetensors"), self.path("o.pt2"), self.path("again.pt2")
        self.good("convert", MLP, weights)
        data = bytearray(command.read(weights))
        start = 8 + int.from_bytes(data[:8], "little")
        data[start:start + 4] = struct.pack("<f", 42)
        self.path("w.safetensors", bytes(data))
        self.good("edit", "-q", f"--weights={weights}", MLP, out)
        [change] = self.json("diff", MLP, out, status=1)["changes"]
        self.assertEqual(change["what"], "tensor-changed")
        self.good("edit", "-q", "-f", "--weights", out, MLP, again)
        self.good("diff", out, again)
        self.assertEqual(json.loads(self.good("edit", "-f", "--json", "--weights", out, MLP, again))["weights"], 1)
        self.fails("PT2-U002", "edit", "--weights", weights, MLP, self.path("o.json"), has="archive")
        self.fails("PT2-F001", "edit", "--weights", self.path("none"), MLP, self.path("no.pt2"))
        self.fails("PT2-W014", "edit", "--weights", CONSTANTS, MLP, self.path("no.pt2"))

    def test_drop_program(self):
        out = self.path("o.pt2")
        before = {item["name"] for item in self.json("ls", SEVERAL)}
        self.good("edit", "-q", "--drop-program=doubled", SEVERAL, out)
        gone = before - {item["name"] for item in self.json("ls", out)}
        self.assertEqual(gone, {f"data/weights/weight_{i}" for i in range(4, 8)} | {
            "data/weights/doubled_weights_config.json", "data/constants/doubled_constants_config.json", "models/doubled.json",
            "data/sample_inputs/doubled.pt"})
        self.good("verify", out, status=0)
        self.good("diff", "--model=tied", SEVERAL, out, "--weights=none", status=1)
        for model in ("plain", "tied"):
            self.assertEqual(self.id_of(SEVERAL, model), self.id_of(out, model))
        self.fails("PT2-U003", "edit", "--drop-program=none", SEVERAL, self.path("no.pt2"))
        self.fails("PT2-P016", "edit", "--drop-program=model", MLP, self.path("no.pt2"))
        self.fails("PT2-P016", "edit", *(f"--drop-program={name}" for name in ("plain", "doubled", "tied")), SEVERAL,
                   self.path("no.pt2"))
        two = self.path("two.pt2")
        with zipfile.ZipFile(SEVERAL) as source, zipfile.ZipFile(two, "w") as target:
            for name in source.namelist():  # two programs that list the same payload
                data = source.read(name)
                target.writestr(name, data.replace(b"weight_4", b"weight_0") if "doubled_weights_config" in name else data)
        left = self.path("left.pt2")
        self.good("edit", "-q", "--drop-program=plain", two, left)
        self.assertIn("data/weights/weight_0", [item["name"] for item in self.json("ls", left)])
        self.good("edit", "-q", "-f", "--drop-program=plain", "--drop-program=doubled", two, left)
        self.assertNotIn("data/weights/weight_0", [item["name"] for item in self.json("ls", left)])

    def id_of(self, path, model):
        return self.good("hash", f"--model={model}", path)

    def test_payloads_are_held_against_the_program(self):
        """A program that is sound by itself, in which all is float64: the weights beside it are not."""
        names = self.program_of(MLP)["graph_module"]["graph"]["tensor_values"]
        words = [f'--set=graph_module.graph.tensor_values["{name}"].dtype=8' for name in names]
        out = self.path("o.pt2")
        self.fails("PT2-P013", "edit", *words, MLP, out, has="PT2-W1")
        self.assertFalse(os.path.exists(out))
        self.good("edit", "-q", *words, MLP, self.path("o.json"))
        self.good("edit", "-q", "--unchecked", *words, MLP, out)
        piped = self.run_pt2("edit", "-q", *words, MLP, "-")
        self.assertEqual(piped.returncode, 0)

    def test_set(self):
        want = self.program_of(MLP)
        want["graph_module"]["graph"]["nodes"][1]["inputs"][1]["arg"]["as_float"] = 0.5
        want["graph_module"]["metadata"]["a=b"] = "ann"
        words = (f"--set={ARGUMENT}=0.5", '--set=graph_module.metadata["a=b"]="ann"')
        text = self.path("in.json")
        self.good("convert", MLP, text)
        for source in (MLP, text):
            for suffix in (".pt2", ".pt2c", ".json", ".thrift", ".thrift.zst"):
                out = self.path("o" + suffix)
                if source == text and suffix.startswith(".pt2"):
                    self.fails("PT2-U002", "edit", "-f", *words, source, out)
                    continue
                self.good("edit", "-q", "-f", *words, source, out)
                self.assertEqual(self.program_of(out), want, out)
        self.assertEqual(json.loads(self.good("edit", "-q", *words, "-", "-", stdin=command.read(text))), want)

    def test_device(self):
        several = self.json("info", "--model=plain", SEVERAL)["models"]
        for sample, models in ((MAPPED, ["model"]), (MLP, ["model"]), (SEVERAL, several), (OLDER, ["model"])):
            out, back = self.path("o.pt2"), self.path("b.pt2")
            self.good("edit", "-q", "-f", "--device=cpu:cuda:1", sample, out)
            for model in models:
                self.assertEqual(self.program_of(out, "--model", model), on_cuda(self.program_of(sample, "--model", model)))
            told = self.json("edit", "-f", "--device=cuda:1:cpu", out, back)
            self.assertGreater(told["devices"], 5)
            names = [r["name"] for r in self.json("ls", sample)]
            self.assertEqual([r["name"] for r in self.json("ls", back)], names)
            for name in names:
                if name != ".data/serialization_id":
                    self.assertEqual(self.record(back, name), self.record(sample, name), name)
            for name in names:
                if name.endswith("_config.json"):
                    self.assertNotIn(b'"cpu"', self.record(out, name))

    def test_lists_of_payloads(self):
        out = self.path("o.pt2")
        self.good("edit", "-q", "--device=cpu:cuda", "--device=cuda:xpu:2", MLP, out)
        text = self.record(out, "data/weights/model_weights_config.json")
        self.assertEqual(text.count(b'{"type": "xpu", "index": 2}'), 4)
        self.good("edit", "-q", "-f", "--model=plain", "--device=cpu:cuda", SEVERAL, out)
        self.assertIn(b'"cuda"', self.record(out, "data/weights/plain_weights_config.json"))
        self.assertNotIn(b'"cuda"', self.record(out, "data/weights/tied_weights_config.json"))
        self.assertEqual(self.program_of(out, "--model=tied"), self.program_of(SEVERAL, "--model=tied"))

    def test_rename(self):
        out, back = self.path("o.pt2"), self.path("b.pt2")
        for sample, old in ((MLP, "a.weight"), (str(CORPUS / "torch-2.15.0/mutation.pt2"), "counter"), (CONSTANTS, None)):
            tensors = self.json("tensors", "--sha256", sample)
            old = old if any(t["fqn"] == old for t in tensors) else tensors[0]["fqn"]
            self.good("edit", "-q", "-f", f"--rename={old}:new_place.inner_1", sample, out)
            want = {("new_place.inner_1" if t["fqn"] == old else t["fqn"], t["sha256"]) for t in tensors}
            self.assertEqual({(t["fqn"], t["sha256"]) for t in self.json("tensors", "--sha256", out)}, want)
            self.assertNotIn(f'_name": "{old}"', json.dumps(self.program_of(out)))
            self.assertEqual(self.run_pt2("verify", out).returncode, self.run_pt2("verify", sample).returncode)
            self.good("edit", "-q", "-f", f"--rename=new_place.inner_1:{old}", out, back)
            self.assertEqual(self.program_of(back), self.program_of(sample))
            self.assertEqual([(t["fqn"], t["sha256"]) for t in self.json("tensors", "--sha256", back)],
                             [(t["fqn"], t["sha256"]) for t in tensors])
        self.fails("PT2-P014", "edit", "--rename=nothing:b", MLP, self.path("n.pt2"))
        self.fails("PT2-P014", "edit", "--rename=x:b", MLP, self.path("n.pt2"))
        for name in ("b.weight", "b", "b.weight.more", "", ".b", "b..c", "b.", "a b"):
            self.fails("PT2-P015", "edit", f"--rename=a.weight:{name}", MLP, self.path("n.pt2"))
        self.fails("PT2-W028", "edit", "--rename=a.weight:c", OLDER, self.path("n.pt2"))
        self.fails("PT2-U002", "edit", "--rename=a.weight", MLP, self.path("n.pt2"))

    def test_says_what_it_did(self):
        out = self.path("o.pt2")
        self.assertEqual(self.run_pt2("edit", "--device=cpu:cuda", MLP, out).stderr,
                         b"pt2: set: 0; devices changed: 13; renamed: 0; programs changed: 1\n")
        self.assertEqual(self.json("edit", "-f", f"--set={ARGUMENT}=0.5", MLP, out),
                         {"set": 1, "devices": 0, "renamed": 0, "programs": 1, "weights": 0, "dropped": 0})
        self.fails("PT2-F003", "edit", f"--set={ARGUMENT}=0.5", MLP, out)

    def test_dry_run(self):
        shown = self.text("edit", "--dry-run", f"--set={ARGUMENT}=0.5", MLP, self.path("o.pt2"))
        self.assertIn("~    inputs[1].arg.as_float: 0.1 -> 0.5\n", shown)
        self.assertEqual(os.listdir(self.folder), [])
        self.assertEqual(len(self.json("edit", "--dry-run", f"--set={ARGUMENT}=0.5", MLP)["changes"]), 1)
        self.assertEqual(self.text("edit", "--dry-run", "--device=cuda:cpu", MLP), "")
        shown = self.text("edit", "--dry-run", '--set=graph_module.metadata["k"]="v"', SEVERAL)
        self.assertIn(":models/plain.json\n", shown)
        self.assertIn(":models/tied.json\n", shown)
        answer = self.run_pt2("edit", "--dry-run", "--json", '--set=graph_module.metadata["k"]="v"', SEVERAL)
        self.assertEqual((answer.returncode, answer.stdout, json.loads(answer.stderr)["id"]), (2, b"", "PT2-U002"))

    def test_unsound_programs_are_not_written(self):
        out = self.path("o.pt2")
        for words in (["graph_module.graph.nodes[0].outputs[0].as_tensor.name=\"zz\""],
                      ["graph_module.graph.nodes[1].inputs[1].arg.as_none=true"]):
            words = [f"--set={word}" for word in words]
            self.fails("PT2-P013", "edit", *words, MLP, out, has="nodes[")
            self.assertEqual(os.listdir(self.folder), [])
        self.good("edit", "-q", "--unchecked", *words, MLP, out)
        self.assertNotEqual(self.run_pt2("verify", out).returncode, 0)
        # What was wrong before keeps nobody from changing something else.
        self.good("edit", "-q", "-f", '--set=torch_version="mine"', out, self.path("p.pt2"))

    def test_refusals(self):
        out = self.path("o.pt2")
        self.fails("PT2-P010", "edit", "--set=graph_module.grph=1", MLP, out, has="graph_module: PT2")
        self.fails("PT2-P011", "edit", '--set=schema_version={"major":8,"minor":14,"x":1}', MLP, out)
        self.fails("PT2-J009", "edit", "--set=torch_version=2", MLP, out, has="torch_version")
        self.fails("PT2-P012", "edit", "--device=cpu:CUDA", MLP, out)
        self.fails("PT2-P002", "edit", "--device=cpu:cuda", OLD, out)
        self.fails("PT2-U002", "edit", MLP, out, has="--device")
        self.fails("PT2-U002", "edit", "--device=cpu", MLP, out)
        self.fails("PT2-U002", "edit", "--set=x", MLP, out)
        self.fails("PT2-U002", "edit", "--device=cpu:cuda", MLP, has="OUT")
        self.assertEqual(json.loads(self.run_pt2("edit", "--device=cpu:cuda", "--json", MLP, "-").stderr)["id"], "PT2-U002")
        self.fails("PT2-U003", "edit", "--device=cpu:cuda", "--model=none", SEVERAL, out)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    command.main()
