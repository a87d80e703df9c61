#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pickle reader says what PyTorch says: of the torch.save files of the corpus, of files made for this test
(make_expected.py), and of the state dicts, constants and sample inputs of every archive.

    test_torch.py DUMP_TENSORS
"""
import json
import pathlib
import subprocess
import sys
import unittest
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"
DUMP = ""
FACTS = ("shape", "stride", "storage_offset", "requires_grad", "sha256", "storage_nbytes")


def dump(*words):
    answer = subprocess.run([DUMP, *map(str, words)], stdout=subprocess.PIPE, check=True, timeout=60)
    return json.loads(answer.stdout)


def sort_sets(value):
    """Sets have no order in Python."""
    if isinstance(value, dict):
        return {key: sorted(map(sort_sets, item), key=json.dumps) if key == "set" else sort_sets(item)
                for key, item in value.items()}
    return [sort_sets(item) for item in value] if isinstance(value, list) else value


def entries(value):
    """A dict of texts to what is in "tensor"."""
    pairs = value["dict"]
    return {key["text"]: item.get("tensor") for key, item in zip(pairs[::2], pairs[1::2])}


class Torch(unittest.TestCase):
    maxDiff = 2000

    def test_saved_files(self):
        names = sorted(path.name.removesuffix(".json") for path in (HERE / "expected").iterdir())
        self.assertGreater(len(names), 28)
        for name in names:
            path = HERE / "made" / name if (HERE / "made" / name).exists() else CORPUS / "torch-save" / name
            expected = json.loads((HERE / "expected" / f"{name}.json").read_text(encoding="utf-8"))
            with self.subTest(name):
                self.assertEqual(sort_sets(dump(path)["value"]), sort_sets(expected))

    def test_forms(self):
        forms = {"made/plain.pt": (1, 2), "made/stream.pt": (2, 2), "made/bare4.pkl": (0, 4), "made/protocol5.pt": (1, 5)}
        for name, (form, protocol) in forms.items():
            answer = dump(HERE / name)
            self.assertEqual((answer["form"], answer["protocol"], answer["byteorder"]), (form, protocol, "little"), name)

    def test_archives(self):
        """Each pickled state dict and constant: type, shape, stride, offset and the bytes of its elements."""
        compared = 0
        for path in sorted(CORPUS.glob("torch-*/*.pt2")):
            expect = path.with_suffix(".expect.json")
            names = zipfile.ZipFile(path).namelist()
            for record, key in ((name, key) for name in names for key, parts in
                                (("state_dict", ("serialized_state_dict.", "data/weights/")),
                                 ("constants", ("serialized_constants.", "data/constants/")))
                                if any(part in name for part in parts) and name.endswith((".pt", "_dict.json"))):
                short = record if record.startswith("serialized") else record.split("/", 1)[1]
                if zipfile.ZipFile(path).getinfo(record).file_size == 0:
                    continue
                with self.subTest(f"{path.name}: {record}"):
                    answer = dump(path, short)
                    self.assertNotIn("error", answer)
                    if expect.exists():
                        compared += self.compare(json.loads(expect.read_text(encoding="utf-8")).get(key), answer["value"])
        self.assertGreater(compared, 300)

    def compare(self, expected, value):
        found = entries(value)
        for name, tensor in (expected or {}).items():
            if name in found and found[name] is not None and found[name]["form"] == 0 and "sha256" in tensor:
                self.assertEqual("torch." + found[name]["dtype"], tensor["dtype"], name)
                for fact in FACTS:
                    if fact in tensor:
                        self.assertEqual(found[name][fact], tensor[fact], (name, fact))
        return sum(tensor is not None and name in (expected or {}) for name, tensor in found.items())

    def test_sample_inputs(self):
        read = 0
        for path in sorted(CORPUS.glob("*/*.pt2")):
            for info in zipfile.ZipFile(path).infolist():
                name = info.filename
                if info.file_size == 0 or not ("data/sample_inputs/" in name or name == "serialized_example_inputs.pt"):
                    continue
                with self.subTest(f"{path.name}: {name}"):
                    answer = dump(path, name if name.startswith("serialized") else name.split("/", 1)[1])
                    self.assertEqual(len(answer["value"]["tuple"]), 2, "positional and keyword inputs")
                    read += 1
        self.assertGreater(read, 60)

    def test_module(self):
        """A whole module: what cannot be built is named, and its tensors are read all the same."""
        value = dump(CORPUS / "torch-save/pitloom-example-model.pt")["value"]
        self.assertEqual(value["callable"], {"global": "torch.nn.modules.linear.Linear"})
        self.assertEqual(value["arguments"], {"tuple": []})
        self.assertIn('"tensor"', json.dumps(value["state"]))


if __name__ == "__main__":
    DUMP = sys.argv.pop(1)
    unittest.main(verbosity=0)
