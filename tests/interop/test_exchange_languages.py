#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The exchange service between languages: clients in Python and C++ of `pt2 serve`, and `pt2 call` of a server in Python,
with Apache's libraries and code generated from our IDL.

    test_exchange_languages.py --corpus FOLDER --types FOLDER PT2 EXCHANGE_CLIENT
"""
import argparse
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
OPTIONS = None
SAMPLES = ("mlp.pt2", "gpt_24l.pt2", "cond_nested.pt2", "multi_program.pt2")


def run(*words, **more):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, timeout=120, **more).stdout


class LanguagesTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.models, self.socket = os.path.join(self.folder, "models"), os.path.join(self.folder, "socket")
        os.mkdir(self.models)
        for name in SAMPLES:
            shutil.copy(os.path.join(OPTIONS.corpus, "torch-2.15.0", name), self.models)
        shutil.copy(os.path.join(OPTIONS.corpus, "torch-2.2.2", "mlp.pt2"), os.path.join(self.models, "old.pt2"))
        self.environment = dict(os.environ, PYTHONPATH=os.path.join(OPTIONS.types, "py"))

    def serve(self):
        server = subprocess.Popen([OPTIONS.pt2, "serve", self.socket, self.models, "-q"], stdout=subprocess.PIPE)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.send_signal, signal.SIGTERM)
        server.stdout.readline()

    def pt2(self, *words):
        return run(OPTIONS.pt2, *words)

    def ops(self, name):
        return json.loads(self.pt2("ops", "--json", os.path.join(self.models, name)))

    def test_python_client(self):
        self.serve()
        sys.path[:0] = [os.path.join(OPTIONS.types, "py"), str(HERE / "python")]
        import pt2_client
        with pt2_client.Client(self.socket) as client:
            self.assertEqual([e.name for e in client.programs()], sorted([*SAMPLES, "old.pt2"]))
            program = client.fetch("gpt_24l.pt2")
            self.assertEqual(len(program.graph_module.graph.nodes), sum(self.ops("gpt_24l.pt2").values()))
            ours = {t["fqn"]: t for t in json.loads(self.pt2("tensors", "--json", "--sha256", os.path.join(self.models, "old.pt2")))}
            for entry in client.tensors("old.pt2"):
                data = client.tensor("old.pt2", entry)
                self.assertEqual(list(data.shape), ours[entry.fqn]["shape"])
                self.assertEqual(hashlib.sha256(data.tobytes()).hexdigest(), ours[entry.fqn]["sha256"])
            program.torch_version = "changed"
            stored = client.store(pt2_client.to_compact(program), "changed.thrift")
            self.assertFalse(stored.known)
            self.assertEqual(client.describe("changed.thrift").torch_version, "changed")
            self.change_payloads(client)
            with self.assertRaises(pt2_client.Exchange.ExchangeError) as caught:
                client.describe("nosuch")
            self.assertEqual(caught.exception.id, "PT2-X010")

    def change_payloads(self, client):
        """A list of payloads, had as objects, changed, and stored in another archive."""
        from pt2_thrift.ttypes import PayloadConfig
        entry = next(s for s in client.structs("mlp.pt2") if s.type == "PayloadConfig")
        payloads = client.fetch_struct("mlp.pt2", entry.record, PayloadConfig)
        bias = payloads.config["a.bias"]
        payloads.config["a.bias"] = payloads.config["b.bias"]
        client.store_struct(payloads, "mlp.pt2", entry.record, "swapped.pt2", replace=True)
        again = client.fetch_struct("swapped.pt2", entry.record, PayloadConfig)
        self.assertEqual(again, payloads)
        self.assertNotEqual(again.config["a.bias"], bias)

    def test_python_example(self):
        self.serve()
        said = run(sys.executable, str(HERE / "python" / "example.py"), self.socket, env=self.environment).decode()
        self.assertIn("torch.ops.aten.linear.default", said)
        self.assertIn("a.weight: (16, 8), mean", said)
        self.assertIn("stored mlp.pt2-model.stripped.thrift", said)
        self.assertEqual(self.ops("mlp.pt2-model.stripped.thrift"), self.ops("mlp.pt2"))

    def test_cpp_client(self):
        self.serve()
        client = [OPTIONS.exchange_client, self.socket]
        names = [line.split()[0] for line in run(*client, "list").decode().splitlines()]
        self.assertEqual(names, sorted([*SAMPLES, "old.pt2"]))
        targets = run(*client, "nodes", "gpt_24l.pt2").decode().splitlines()
        self.assertEqual({t: targets.count(t) for t in targets}, self.ops("gpt_24l.pt2"))
        for name in ("mlp.pt2", "old.pt2"):
            for tensor in json.loads(self.pt2("tensors", "--json", "--sha256", os.path.join(self.models, name))):
                data = run(*client, "tensor", name, tensor["fqn"])
                self.assertEqual(hashlib.sha256(data).hexdigest(), tensor["sha256"])
        path = os.path.join(OPTIONS.corpus, "torch-2.15.0", "custom_op.pt2")
        digest = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
        self.assertEqual(run(*client, "store", path, "custom.pt2", digest), b"custom.pt2 new\n")
        self.assertEqual(run(*client, "store", path, "custom.pt2", digest), b"custom.pt2 known\n")
        self.change_struct_in_cpp(client)
        refused = subprocess.run([*client, "nodes", "nosuch"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, check=False)
        self.assertEqual((refused.returncode, refused.stderr[:8]), (1, b"PT2-X010"))

    def change_struct_in_cpp(self, client):
        record = next(s["record"] for s in json.loads(self.pt2("call", self.socket, "structs", "program=mlp.pt2"))["structs"]
                      if s["type"] == "PayloadConfig")
        path = os.path.join(self.models, "mlp.pt2")
        config = json.loads(self.pt2("cat", path, record))["config"]
        said = run(*client, "payloads", "mlp.pt2", record).decode().splitlines()
        self.assertEqual(said, [f"{fqn} {config[fqn]['path_name']}" for fqn in sorted(config)])
        changed, compact = os.path.join(self.folder, "p.json"), os.path.join(self.folder, "p.thrift")
        pathlib.Path(changed).write_bytes(self.pt2("cat", path, "models/model.json").replace(b'"torch_version": "', b'"torch_version": "x'))
        self.pt2("convert", changed, compact)
        digest = hashlib.sha256(pathlib.Path(compact).read_bytes()).hexdigest()
        stored = run(*client, "store", compact, "x.pt2", digest, "mlp.pt2", "models/model.json", "ExportedProgram")
        self.assertEqual(stored, b"x.pt2 new\n")
        self.assertEqual(json.loads(self.pt2("info", "--json", os.path.join(self.models, "x.pt2")))["torch_version"][0], "x")

    def test_python_server(self):
        server = subprocess.Popen([sys.executable, str(HERE / "python" / "server.py"), self.socket, self.models], env=self.environment)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        for _ in range(100):
            if os.path.exists(self.socket):
                break
            time.sleep(0.1)
        listed = json.loads(self.pt2("call", self.socket, "programs"))
        self.assertEqual([p["name"] for p in listed["programs"]], sorted(os.listdir(self.models)))
        for name in SAMPLES:
            out = os.path.join(self.folder, "out")
            self.pt2("call", self.socket, "fetch", name, out, "-f")
            self.assertEqual(pathlib.Path(out).read_bytes(), pathlib.Path(self.models, name).read_bytes())
        for words in (("describe", "program=mlp.pt2"), ("fetch", "nosuch", "-")):
            refused = subprocess.run([OPTIONS.pt2, "call", self.socket, *words, "--retries=0"], stderr=subprocess.PIPE,
                                     stdout=subprocess.PIPE, check=False)
            self.assertEqual(refused.returncode, 2)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--types", required=True, help="the folder where apache_types.py wrote")
    parser.add_argument("pt2")
    parser.add_argument("exchange_client")
    OPTIONS = parser.parse_args()
    unittest.main(module=__name__, argv=sys.argv[:1], verbosity=0)


if __name__ == "__main__":
    main()
