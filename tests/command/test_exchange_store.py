#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Storing with `pt2 call` in a `pt2 serve`: what is known, interrupted, unsound, or killed, and what is visible then."""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import signal
import threading
import time

import command
from exchange_case import GPT, ExchangeTest


class Storing(ExchangeTest):
    def store(self, *words):
        return self.ask("store", *words)

    def visible(self):
        return sorted(name for name in os.listdir(self.server.models) if not name.startswith("."))

    def arriving(self):
        return os.listdir(os.path.join(self.server.models, ".pt2-incoming"))

    def test_store_what_was_copied_there(self):
        """What is in the folder under that name by other means need not be sent, and is not refused."""
        listed = self.visible()
        for replace in ((), ("-f",)):
            before = self.ask("stats")["bytes_in"]
            self.assertTrue(self.store(GPT, "gpt.pt2", *replace)["known"])
            self.assertLess(self.ask("stats")["bytes_in"] - before, 3000)
        # Known when it was announced, another file when it should end.
        upload = self.begin(command.read(GPT), "gpt.pt2")
        self.assertTrue(upload["known"])
        shutil.copy(command.MLP, self.path("other"))
        os.rename(self.path("other"), os.path.join(self.server.models, "gpt.pt2"))
        self.refused("PT2-X013", "storeEnd", "upload=" + upload["upload"])
        # Sent whole, and meanwhile somebody copied the same file there.
        data = command.read(command.SEVERAL)
        late = self.begin(data, "late.pt2")["upload"]
        self.ask("storeChunk", "upload=" + late, "offset:=0", "data=" + base64.b64encode(data).decode())
        shutil.copy(command.SEVERAL, os.path.join(self.server.models, "late.pt2"))
        self.assertTrue(self.ask("storeEnd", "upload=" + late)["known"])
        self.refused("PT2-F003", "store", GPT, "mlp.pt2")
        self.assertEqual((self.visible(), self.arriving()), (sorted([*listed, "late.pt2"]), []))

    def test_store_and_again(self):
        path = self.path("x.pt2", command.read(command.SEVERAL) )
        first = self.store(path, "new.pt2")
        self.assertEqual((first["name"], first["known"]), ("new.pt2", False))
        before = self.ask("stats")["bytes_in"]
        self.assertTrue(self.store(path, "new.pt2")["known"])
        self.assertTrue(self.store(path, "other.pt2")["known"])
        self.assertLess(self.ask("stats")["bytes_in"] - before, 3000)
        self.assertEqual(command.read(os.path.join(self.server.models, "other.pt2")), command.read(path))
        self.assertEqual(self.arriving(), [])
        unnamed = self.store(path)
        self.assertEqual(unnamed["name"], hashlib.sha256(command.read(path)).hexdigest() + ".pt2")

    def test_forms(self):
        for suffix in (".json", ".thrift", ".thrift.zst", ".pt2c"):
            path = self.path("p" + suffix)
            self.good("convert", GPT, path)
            self.assertTrue(self.store(path)["name"].endswith(suffix))

    def test_names_that_are_taken(self):
        self.refused("PT2-F003", "store", GPT, "mlp.pt2")
        self.assertEqual(command.read(os.path.join(self.server.models, "mlp.pt2")), command.read(command.MLP))
        self.store(GPT, "mlp.pt2", "-f")
        self.assertEqual(command.read(os.path.join(self.server.models, "mlp.pt2")), command.read(GPT))
        for name in ("../x", ".hidden", "a/b", "a b", "x" * 201):
            self.refused("PT2-X015", "store", GPT, name)

    def test_weights(self):
        weights = self.path("w.safetensors")
        self.good("convert", command.MLP, weights)
        data = bytearray(command.read(weights))
        data[-4:] = b"\0\0\x80?"
        pathlib.Path(weights).write_bytes(data)
        self.store(weights, "changed.pt2", "--base=mlp.pt2")
        old = self.json("tensors", "--sha256", command.MLP)
        new = self.json("tensors", "--sha256", os.path.join(self.server.models, "changed.pt2"))
        self.assertEqual(sum(a["sha256"] != b["sha256"] for a, b in zip(old, new)), 1)
        self.assertEqual(self.arriving(), [])
        self.refused("PT2-W014", "store", weights, "--base=gpt.pt2")

    def test_unsound_files_stay_out(self):
        before = self.visible()
        self.refused("PT2-X020", "store", self.path("cut.pt2", command.read(command.MLP)[:6000]))
        self.refused("PT2-X020", "store", self.path("text", b"hello"))
        self.assertEqual((self.visible(), self.arriving()), (before, []))

    def test_structs(self):
        """A struct takes a record's place in another archive; what makes no sound archive is refused."""
        record = "models/model.json"
        call = ("call", self.server.address)
        self.good(*call, "fetch-struct", "mlp.pt2", record, self.path("p.json"), "--to=json")
        changed = self.path("changed.json", command.read(self.path("p.json")).replace(b'"torch_version": "', b'"torch_version": "x'))
        self.good("convert", changed, self.path("changed.thrift"))
        for form in ("json", "thrift"):
            said = self.ask("store", self.path("changed." + form), f"{form}.pt2", "--base=mlp.pt2", "--record=" + record)
            self.assertEqual(said["name"], f"{form}.pt2")
            self.assertTrue(self.ask("describe", f"program={form}.pt2")["torch_version"].startswith("x"))
            self.assertEqual(self.ask("tensors", f"program={form}.pt2"), self.ask("tensors", "program=mlp.pt2"))
        # The notes of AOTInductor, as a record of their own.
        notes = {"library_basename": "m.so", "input_names": ["x"], "output_names": [], "floating_point_input_dtype": None,
                 "floating_point_output_dtype": 6, "aot_inductor_model_is_cpu": True}
        path, extra = self.path("notes.json", json.dumps(notes).encode()), "extra/notes.json"
        self.fails("PT2-T018", *call, "store", path, "a.pt2", "--base=mlp.pt2", "--record=" + extra)
        named = "--type=AOTInductorModelPickleData"
        self.call("store", path, "a.pt2", "--base=mlp.pt2", "--record=" + extra, named)
        self.good(*call, "fetch-struct", "a.pt2", extra, self.path("back.json"), "--to=json", named)
        self.assertEqual(json.loads(command.read(self.path("back.json"))), notes)
        before = self.visible()
        config = self.ask("structs", "program=mlp.pt2")["structs"][0]["record"]
        for id_, data in (("PT2-X020", b'{"config": {}}'), ("PT2-J001", b"{"), ("PT2-J009", b'{"config": 1}')):
            self.fails(id_, *call, "store", self.path("bad", data), "b.pt2", "--base=mlp.pt2", "--record=" + config)
        self.fails("PT2-X014", *call, "store", path, "b.pt2", "--record=" + extra)
        self.call("store", self.path("p.json"), "p.json")
        self.fails("PT2-K019", *call, "store", path, "b.pt2", "--base=p.json", "--record=" + extra, named)
        self.assertEqual((self.visible(), self.arriving()), (sorted([*before, "p.json"]), []))

    def begin(self, data, name, **more):
        digest = base64.b64encode(more.get("digest", hashlib.sha256(data).digest())).decode()
        return self.ask("storeBegin", f"bytes:={len(data)}", "sha256=" + digest, "name=" + name)

    def test_wrong_pieces(self):
        data = command.read(command.SEVERAL)
        upload = self.begin(data, "n.pt2")["upload"]
        piece = base64.b64encode(data[:1000]).decode()
        self.refused("PT2-X012", "storeChunk", "upload=" + upload, "offset:=0", "data=" + piece, "crc32:=1")
        self.refused("PT2-X011", "storeChunk", "upload=" + upload, "offset:=5", "data=" + piece)
        self.refused("PT2-X014", "storeEnd", "upload=" + upload)
        self.refused("PT2-X013", "storeEnd", "upload=00")
        self.refused("PT2-X013", "storeChunk", "upload=00", "offset:=0", "data=" + piece)
        self.assertEqual(self.ask("storeChunk", "upload=" + upload, "offset:=0", "data=" + piece)["offset"], 1000)
        # The same piece again, since the answer was lost, changes nothing.
        self.assertEqual(self.ask("storeChunk", "upload=" + upload, "offset:=0", "data=" + piece)["offset"], 1000)
        wrong = self.begin(data, "wrong.pt2", digest=bytes(32))["upload"]
        self.assertEqual(self.ask("storeChunk", "upload=" + wrong, "offset:=0", "data=" + base64.b64encode(data).decode())["offset"],
                         len(data))
        self.refused("PT2-X014", "storeEnd", "upload=" + wrong)
        self.assertNotIn("wrong.pt2", self.visible())

    def test_resume_after_a_kill(self):
        data = command.read(command.SEVERAL)
        upload = self.begin(data, "n.pt2")["upload"]
        self.ask("storeChunk", "upload=" + upload, "offset:=0", "data=" + base64.b64encode(data[:10000]).decode())
        self.server.stop(signal.SIGKILL)
        self.assertNotIn("n.pt2", self.visible())
        self.serve()
        state = self.begin(data, "n.pt2")
        self.assertEqual((state["upload"], state["offset"]), (upload, 10000))
        self.store(self.path("x", data), "n.pt2")
        self.assertEqual(command.read(os.path.join(self.server.models, "n.pt2")), data)

    def test_kills_while_storing(self):
        """kill -9 at any time: what is visible is whole."""
        rounds = 4 if os.environ.get("PT2_TEST_QUICK") else 12
        paths = [self.path(f"{i}.json") for i in range(4)]
        self.good("convert", GPT, paths[0])
        text = command.read(paths[0])
        for i, path in enumerate(paths):
            pathlib.Path(path).write_bytes(text.replace(b"2.15.0+cu132", b"2.15.0+cu13%d" % i))
        for turn in range(rounds):
            threads = [threading.Thread(target=self.run_pt2, args=("call", self.server.address, "store", path, f"{turn}-{i}.json",
                                                                   "--retries=0")) for i, path in enumerate(paths)]
            for thread in threads:
                thread.start()
            time.sleep(0.01 + 0.02 * turn)
            self.server.stop(signal.SIGKILL)
            for thread in threads:
                thread.join()
            self.serve()
            for entry in self.ask("programs")["programs"]:
                self.assertNotIn("fault", entry)
                if entry["name"].endswith(".json"):
                    self.assertEqual(command.read(os.path.join(self.server.models, entry["name"])),
                                     command.read(paths[int(entry["name"][-6])]))
        for path in paths:
            self.assertTrue(self.store(path))


if __name__ == "__main__":
    command.main()
