#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 serve` and `pt2 call`: what they answer, what they refuse, and what neither a client nor a server can do to the other."""
import base64
import errno
import hashlib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading

import command
import exchange_peer as peer
from exchange_case import GPT, ExchangeTest

IDL = pathlib.Path(__file__).resolve().parents[2] / "thrift" / "exchange.thrift"
METHODS = pathlib.Path(__file__).resolve().parents[2] / "lib" / "exchange" / "methods.def"


class Looking(ExchangeTest):
    def test_table_is_the_idl(self):
        service = re.search(r"service Exchange \{(.*?)^\}", IDL.read_text(encoding="utf-8"), re.S | re.M).group(1)
        in_idl = re.findall(r"(\w+) (\w+) \(1: (\w+) request\) throws \(1: ExchangeError fault\)", service)
        in_table = re.findall(r"PT2_EXCHANGE_METHOD \((\w+), (\w+), (\w+), \w+\)", METHODS.read_text(encoding="utf-8"))
        self.assertEqual([(name, request, answer) for answer, name, request in in_idl], in_table)
        self.assertEqual(self.ask()["methods"], [row[0] for row in in_table])

    def test_pages(self):
        first = self.ask("programs", "limit:=2")
        self.assertEqual([p["name"] for p in first["programs"]], ["gpt.pt2", "mlp.pt2"])
        second = self.ask("programs", "after=" + first["last"], "limit:=2")
        self.assertEqual([p["name"] for p in second["programs"]], ["old.pt2", "several.pt2"])
        self.assertNotIn("last", second)
        self.assertEqual(second["programs"][1]["models"], ["plain", "doubled", "tied"])

    def test_describe_is_info(self):
        for name in ("mlp.pt2", "old.pt2", "gpt.pt2"):
            said = self.ask("describe", "program=" + name)
            info = self.json("info", os.path.join(self.server.models, name))
            self.assertEqual([i["name"] for i in said["inputs"]], [i["name"] for i in info["inputs"]])
            self.assertEqual(said["nodes"], info["nodes"])
            self.assertEqual(said["entry"]["bytes"], info["bytes"])
            by_id = self.ask("describe", "program=" + said["entry"]["content_id"])
            self.assertEqual(by_id["nodes"], said["nodes"])
        self.assertEqual(self.ask("describe", "program=several.pt2", "model=tied")["model"], "tied")

    def test_fetch_in_every_form(self):
        for name in ("mlp.pt2", "gpt.pt2"):
            path, out = os.path.join(self.server.models, name), self.path("out")
            self.good("call", self.server.address, "fetch", name, out, "-f")
            self.assertEqual(command.read(out), command.read(path))
            for form, suffix in (("json", ".json"), ("compact", ".thrift"), ("compact.zst", ".thrift.zst")):
                self.good("convert", path, self.path("same" + suffix), "-f")
                for check in ("none", "crc32", "sha256"):
                    self.good("call", self.server.address, "fetch", name, out, "-f", "--to=" + form, "--check=" + check)
                    self.assertEqual(command.read(out), command.read(self.path("same" + suffix)), form)

    def test_tensors(self):
        for name in ("mlp.pt2", "old.pt2"):
            path = os.path.join(self.server.models, name)
            listed = self.ask("tensors", "program=" + name)
            self.assertEqual(listed["total"], len(listed["tensors"]))
            ours = {t["fqn"]: t for t in self.json("tensors", "--sha256", path)}
            for tensor in listed["tensors"]:
                data = self.good("call", self.server.address, "fetch-tensor", name, tensor["fqn"], "-")
                self.assertEqual(hashlib.sha256(data).hexdigest(), ours[tensor["fqn"]]["sha256"])
                self.assertEqual((len(data), tensor["shape"]), (tensor["bytes"], ours[tensor["fqn"]]["shape"]))
        self.assertEqual(self.ask("tensors", "program=mlp.pt2", "first:=1", "limit:=2")["tensors"][0]["fqn"], "a.bias")

    def test_structs(self):
        """Records that are structs of the schema: listed, and had as JSON and compact."""
        listed = self.ask("structs", "program=mlp.pt2")
        self.assertEqual((listed["total"], [s["type"] for s in listed["structs"]]),
                         (3, ["PayloadConfig", "PayloadConfig", "ExportedProgram"]))
        out = self.path("out")
        for entry in listed["structs"]:
            text = self.good("cat", os.path.join(self.server.models, "mlp.pt2"), entry["record"])
            self.assertEqual(entry["bytes"], len(text))
            self.good("call", self.server.address, "fetch-struct", "mlp.pt2", entry["record"], out, "-f", "--to=json")
            self.assertEqual(command.read(out), text)
        self.good("call", self.server.address, "fetch-struct", "mlp.pt2", "models/model.json", out, "-f")
        self.good("convert", command.MLP, self.path("same.thrift"))
        self.assertEqual(command.read(out), command.read(self.path("same.thrift")))
        self.assertEqual([s["record"] for s in self.ask("structs", "program=mlp.pt2", "first:=2")["structs"]],
                         [listed["structs"][2]["record"]])
        piece = self.ask("fetchStruct", "program=mlp.pt2", "record=models/model.json", "form:=2", "offset:=5", "limit:=7")
        self.assertEqual(base64.b64decode(piece["data"]), self.good("cat", command.MLP, "models/model.json")[5:12])
        call = ("call", self.server.address, "fetch-struct")
        self.fails("PT2-U005", *call, "mlp.pt2", "nosuch", out, "-f", "--type=PayloadConfig")
        self.fails("PT2-T018", *call, "mlp.pt2", "byteorder", out, "-f")
        self.fails("PT2-T018", *call, "mlp.pt2", "models/model.json", out, "-f", "--type=Nonsense")
        self.fails("PT2-U007", *call, "mlp.pt2", "models/model.json", out, "-f", "--to=compact.zst")
        self.fails("PT2-J002", *call, "mlp.pt2", "byteorder", out, "-f", "--type=PayloadConfig")
        self.call("store", self.stored_program(), "p.json")
        self.refused("PT2-K019", "structs", "program=p.json")

    def stored_program(self):
        self.good("convert", command.MLP, self.path("p.json"))
        return self.path("p.json")

    def test_large_tensors(self):
        """Holes of a sparse file are told from data, and neither stays in the server's memory."""
        sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
        import sparse_archive
        n_bytes, path = 80 << 20, os.path.join(self.server.models, "large.pt2")
        sparse_archive.write_archive(self.path("large"), 2, n_bytes)
        pattern = bytes(range(1, 256)) * 16
        with open(self.path("large"), "r+b") as file:
            for at in (4096, (n_bytes >> 1) + 12345, n_bytes - 5000):  # in the first tensor
                file.seek(at)
                file.write(pattern)
        os.rename(self.path("large"), path)
        ours = {t["fqn"]: t["sha256"] for t in self.json("tensors", "--sha256", path)}
        self.assertEqual(len(set(ours.values())), 2)
        for check in ("crc32", "sha256", "none"):
            for fqn, digest in ours.items():
                got = hashlib.sha256(self.good("call", self.server.address, "fetch-tensor", "large.pt2", fqn, "-", "--check=" + check))
                self.assertEqual(got.hexdigest(), digest, (fqn, check))
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="ascii")
        self.assertLess(int(re.search(r"RssFile:\s+(\d+)", status).group(1)), 64 << 10)

    def test_pieces(self):
        whole, offset, parts = None, 0, b""
        while whole is None or offset < whole:
            chunk = self.ask("fetchProgram", "program=gpt.pt2", "form:=3", f"offset:={offset}", "limit:=400000", "check:=2")
            data = base64.b64decode(chunk["data"])
            self.assertEqual(hashlib.sha256(data).digest(), base64.b64decode(chunk["sha256"]))
            parts, offset, whole = parts + data, offset + len(data), chunk["total"]
        self.assertEqual(parts, command.read(GPT))

    def test_verify(self):
        self.assertTrue(self.ask("verify", "program=mlp.pt2")["ok"])
        pathlib.Path(self.server.models, "bad.pt2").write_bytes(command.read(command.MLP)[:5000])
        said = self.ask("verify", "program=bad.pt2", status=1)
        self.assertEqual(said["findings"][0]["id"], "PT2-K003")
        entry = next(p for p in self.ask("programs")["programs"] if p["name"] == "bad.pt2")
        self.assertEqual(entry["fault"], "PT2-K003")
        self.refused("PT2-K003", "describe", "program=bad.pt2")

    def test_ids(self):
        """Content ids are those of `pt2 hash`, and name programs wherever a name can."""
        for name in ("mlp.pt2", "old.pt2", "gpt.pt2"):
            path = os.path.join(self.server.models, name)
            content, digest = self.text("hash", path).strip(), hashlib.sha256(command.read(path))
            said, described = self.ask("verify", "program=" + name), self.ask("describe", "program=" + name)
            self.assertEqual((said["content_id"], base64.b64decode(said["sha256"])), (content, digest.digest()))
            self.assertEqual((described["content_id"], described["entry"]["content_id"]), (content, content))
            for id_ in (content, "sha256:" + digest.hexdigest()):
                self.assertEqual(self.ask("describe", "program=" + id_)["entry"]["name"], name)
                self.assertTrue(self.ask("compare", "older=" + id_, "newer=" + name)["same"])
                out = self.path("out")
                self.good("call", self.server.address, "fetch", id_, out, "-f")
                self.assertEqual(command.read(out), command.read(path))
        path = os.path.join(self.server.models, "several.pt2")
        for model in ("plain", "doubled", "tied"):
            content = self.text("hash", "--model=" + model, path).strip()
            self.assertEqual(self.ask("describe", "program=several.pt2", "model=" + model)["content_id"], content)
            self.assertEqual(self.ask("describe", "program=" + content)["content_id"], content)
        self.good("convert", command.MLP, os.path.join(self.server.models, "same.pt2c"))
        listed = {p["name"]: p for p in self.ask("programs")["programs"]}
        self.assertEqual(listed["same.pt2c"]["content_id"], listed["mlp.pt2"]["content_id"])
        self.assertNotEqual(listed["same.pt2c"]["sha256"], listed["mlp.pt2"]["sha256"])
        for unknown in ("pt2h1:" + 64 * "0", "sha256:" + 64 * "0", "pt2h1:00"):
            self.refused("PT2-X010", "describe", "program=" + unknown)

    def test_compare(self):
        same = self.ask("compare", "older=mlp.pt2", "newer=mlp.pt2")
        self.assertEqual((same["same"], same["total"]), (True, 0))
        other = self.ask("compare", "older=old.pt2", "newer=mlp.pt2", "limit:=3")
        self.assertFalse(other["same"])
        self.assertEqual(len(other["changes"]), 3)
        self.assertGreater(other["total"], 3)
        debug = self.ask("compare", "older=gpt.pt2", "newer=mlp.pt2", 'ignored:=["debug", "names"]')
        self.assertLess(debug["total"], self.ask("compare", "older=gpt.pt2", "newer=mlp.pt2")["total"])
        self.refused("PT2-U002", "compare", "older=gpt.pt2", "newer=mlp.pt2", 'ignored:=["x"]')
        self.refused("PT2-X010", "compare", "older=gpt.pt2", "newer=x")

    def test_upgrade(self):
        made = self.ask("upgrade", "program=old.pt2", "name=today.pt2")
        self.assertEqual((made["entry"]["name"], made["known"]), ("today.pt2", False))
        self.assertEqual(self.ask("describe", "program=today.pt2")["schema_major"], 8)
        self.assertTrue(self.ask("upgrade", "program=old.pt2", "name=today.pt2")["known"])
        older = self.ask("upgrade", "program=mlp.pt2", "minor:=8")["entry"]["name"]
        self.assertEqual(self.ask("describe", "program=" + older)["schema_minor"], 8)
        self.call("fetch", "old.pt2", self.path("p.json"), "--to=json")
        self.call("store", self.path("p.json"), "p.json")
        self.call("upgrade", "program=p.json", "name=q.json")
        self.assertEqual(self.ask("describe", "program=q.json")["nodes"], self.ask("describe", "program=p.json")["nodes"])
        self.refused("PT2-F003", "upgrade", "program=old.pt2", "name=mlp.pt2")
        self.refused("PT2-E002", "upgrade", "program=mlp.pt2", "minor:=99")
        self.refused("PT2-X015", "upgrade", "program=mlp.pt2", "name=../x")
        self.assertEqual(os.listdir(os.path.join(self.server.models, ".pt2-incoming")), [])

    def test_stats(self):
        self.call("describe", "program=mlp.pt2")
        said = self.ask("stats")
        counts = {m["method"]: m for m in said["methods"]}
        self.assertEqual((counts["describe"]["calls"], counts["describe"]["errors"]), (1, 0))
        self.assertGreater(said["bytes_out"], 100)

    def test_wrong_questions(self):
        self.refused("PT2-X003", "nosuch")
        for name in ("nosuch.pt2", "../log", ".pt2-objects", "sha256:00", ""):
            self.refused("PT2-X010", "describe", "program=" + name)
        self.fails("PT2-X010", "call", self.server.address, "describe", 'program=a\x1b"\\', has='"a\\x1b\\"\\\\"')
        self.refused("PT2-X010", "fetch-tensor", "mlp.pt2", "nosuch", self.path("out"))
        self.refused("PT2-U003", "describe", "program=several.pt2", "model=nosuch")
        self.refused("PT2-X011", "fetchProgram", "program=mlp.pt2", "offset:=99999999")
        self.refused("PT2-X011", "fetchProgram", "program=mlp.pt2", "offset:=-1")
        self.refused("PT2-U007", "fetchProgram", "program=mlp.pt2", "form:=9")
        self.refused("PT2-U002", "describe", "mlp.pt2")
        self.refused("PT2-U002", "fetch", "mlp.pt2")
        self.assertFalse(os.path.exists(self.path("out")))
        os.symlink("/etc/passwd", os.path.join(self.server.models, "link"))
        self.refused("PT2-X010", "fetch", "link", self.path("out"))


class Limited(ExchangeTest):
    options = ("--store-limit=1000", "--request-seconds=1", "--connections=20")

    def test_too_large(self):
        self.refused("PT2-X017", "store", GPT)

    def test_slow_and_senseless_clients(self):
        slow, liar, garbage, half = (self.server.connect() for _ in range(4))
        slow.sendall(peer.call("hello")[:10])
        liar.sendall(b"\xff\xff\xff\xff")
        garbage.sendall(b"GET / HTTP/1.1\r\n\r\n")
        half.sendall(b"\0\0\0\x05abcde")
        for client in (slow, liar, garbage, half):
            self.assertTrue(peer.is_closed(client))
            client.close()
        self.assertTrue({"PT2-X001", "PT2-X004", "PT2-X006"} <= set(self.kinds("drop")))
        self.assertIn("methods", self.ask())

    def test_unknown_method_and_requests_without_sense(self):
        client = self.server.connect()
        client.sendall(peer.call("nosuch"))
        self.addCleanup(client.close)
        self.assertEqual(peer.read_frame(client)[:2], b"\x82\x61")
        client.sendall(peer.call("describe"))
        self.assertIn(b"PT2-T006", peer.read_frame(client))
        client.sendall(peer.call("hello"))
        self.assertIn(b"libpt2", peer.read_frame(client))

    def test_flood(self):
        """Many idle clients make room for those that ask."""
        idle = [self.server.connect() for _ in range(60)]
        for _ in range(3):
            self.assertIn("methods", self.ask())
        self.assertIn("PT2-X005", self.kinds("drop"))
        for client in idle:
            client.close()

    def test_half_closed(self):
        client = self.server.connect()
        client.sendall(peer.call("hello"))
        client.shutdown(1)
        self.addCleanup(client.close)
        self.assertIn(b"libpt2", peer.read_frame(client))

    def test_graceful_stop(self):
        client = self.server.connect()
        client.sendall(peer.call("verify", peer.record((1, peer.TEXT, "gpt.pt2"))))
        self.addCleanup(client.close)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.server.log()[-1]["event"], "stop")
        self.assertFalse(os.path.exists(self.path("socket")))


class Hostile(ExchangeTest):
    options = ("--request-seconds=2", "--connections=200", "-q")

    def hostile(self, turn):
        """One connection that means no good; what it leaves open is given back."""
        client = self.server.connect()
        hello = peer.call("hello")
        try:
            client.sendall((b"\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n", hello[:turn % len(hello)], b"\0\x80\0\0" + b"x" * 5000,
                            peer.call("describe", b"\x19" * 3000), hello * 50, b"", hello[:4] + bytes(reversed(hello[4:])))[turn % 8])
            if turn % 3 == 0:
                client.shutdown(1)
        except OSError:
            pass
        if turn % 2 == 0:
            client.close()
            return None
        return client

    def resources(self):
        folder = f"/proc/{self.server.process.pid}"
        status = pathlib.Path(folder, "status").read_text(encoding="ascii")
        return len(os.listdir(folder + "/fd")), int(re.search(r"RssAnon:\s+(\d+)", status).group(1))

    def test_good_clients_beside_hostile_ones(self):
        before = sorted(os.listdir(self.server.models))
        expected = self.ask("describe", "program=mlp.pt2")
        descriptors, memory = self.resources()
        left_open, failures = [], []

        def ask_again():
            for _ in range(10):
                answer = self.run_pt2("call", self.server.address, "describe", "program=mlp.pt2")
                if answer.returncode != 0 or json.loads(answer.stdout) != expected:
                    failures.append(answer)
        good = threading.Thread(target=ask_again)
        good.start()
        for turn in range(200 if os.environ.get("PT2_TEST_QUICK") else 1000):
            left_open.append(self.hostile(turn))
        good.join()
        for client in filter(None, left_open):
            client.close()
        self.assertEqual(failures, [])
        self.wait_for(lambda: self.resources()[0] <= descriptors + 1)
        self.assertLess(self.resources()[1], memory + (64 << 10))
        self.assertEqual(sorted(os.listdir(self.server.models)), before)
        self.assertEqual(self.ask("describe", "program=mlp.pt2"), expected)


class ReadOnly(ExchangeTest):
    options = ("--read-only",)

    def test_nothing_is_stored(self):
        self.refused("PT2-X018", "store", GPT)
        self.refused("PT2-X018", "upgrade", "program=old.pt2")
        self.assertFalse(os.path.exists(os.path.join(self.server.models, ".pt2-incoming")))


class Addresses(ExchangeTest):
    def test_tcp(self):
        self.server.stop()
        self.serve(address="tcp:127.0.0.1:0")
        self.assertRegex(self.server.address, r"^tcp:127\.0\.0\.1:[1-9]\d+$")
        self.assertIn("methods", self.ask())

    def test_refused_addresses(self):
        for address in ("nothing", "tcp:", "tcp:127.0.0.1:x", "tcp:0.0.0.0:0", "tls:127.0.0.1", "unix:", "/" + "x" * 200):
            self.assertEqual(self.bad("serve", address, self.folder)["id"], "PT2-X009", address)
        self.assertEqual(self.bad("serve", "tls:127.0.0.1:0", self.folder)["id"], "PT2-X016")
        self.assertEqual(self.bad("serve", self.path("s"), self.path("nosuch"))["id"], "PT2-X008")
        self.assertEqual(self.bad("serve", self.server.address, self.server.models)["id"], "PT2-X008")
        self.assertEqual(self.bad("call", self.path("nobody"))["id"], "PT2-X008")
        self.assertIn("methods", self.ask())

    def make_certificates(self):
        run = lambda *words: subprocess.run(["openssl", *words], check=True, cwd=self.folder, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL)
        for name in ("ca", "other"):
            run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".pem", "-subj",
                "/CN=" + name, "-days", "2")
        for name in ("server", "client"):
            run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
            pathlib.Path(self.path(name + ".ext")).write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n", encoding="ascii")
            run("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", name + ".pem",
                "-days", "2", "-extfile", name + ".ext")

    def test_tls(self):
        self.make_certificates()
        self.server.stop()

        def files(name, authority):
            return ["--certificate=" + self.path(name + ".pem"), "--key=" + self.path(name + ".key"),
                    "--authority=" + self.path(authority + ".pem")]
        self.serve(*files("server", "ca"), address="tls:127.0.0.1:0")
        self.assertIn("methods", self.ask(*files("client", "ca")))
        out = self.path("out")
        self.good("call", self.server.address, "fetch", "gpt.pt2", out, *files("client", "ca"))
        self.assertEqual(command.read(out), command.read(GPT))
        self.call("store", command.SEVERAL, "tls.pt2", *files("client", "ca"))
        self.assertIn("client", [line.get("peer") for line in self.server.log()])
        self.refused("PT2-X016", *files("client", "other"))
        self.bad("call", self.server.address, *files("other", "ca"), "--retries=0")
        self.refused("PT2-X016")
        self.wait_for(lambda: "PT2-X016" in self.kinds("drop"))
        self.bad("call", self.server.address.replace("tls", "tcp"), "--retries=0", "--timeout=5")


class Servers(command.CommandTest):
    """Servers that misbehave: the client says what is wrong, and waits no longer than it may."""

    def refused(self, id_, *answers, words=(), options=("--retries=0",)):
        server = peer.FakeServer(self.path("fake"), *answers)
        self.addCleanup(server.close)
        self.assertEqual(self.bad("call", server.path, *words, *options)["id"], id_)
        os.unlink(server.path)
        return server.calls

    def test_misbehaviour(self):
        hello = peer.reply("hello", peer.server_info())
        self.refused("PT2-X001", b"\0\0\0\x04HTTP")
        self.refused("PT2-X001", peer.reply("other", peer.server_info()))
        self.refused("PT2-X001", peer.reply("hello", peer.server_info(), sequence=7))
        self.refused("PT2-X002", peer.reply("hello", peer.server_info(version=2)))
        self.refused("PT2-X004", b"\xff\xff\xff\xff")
        self.refused("PT2-X006", None, options=("--timeout=1", "--retries=0"))
        self.refused("PT2-X007", hello[:20])
        self.refused("PT2-T006", peer.reply("hello", b"\0"))
        self.refused("PT2-X019", peer.fault("hello", "PT2-W99999\x1b[31m"))
        self.refused("PT2-X010", hello, peer.fault("describe", "PT2-X010", sequence=2), words=("describe", "program=x"))
        self.refused("PT2-X003", peer.message(3, "hello", peer.record((1, peer.TEXT, "what?"), (2, peer.I32, 1))))

    def test_too_many_wait(self):
        """A Unix socket with no room for another: the client waits for it as long as it may."""
        path, waiting = self.path("full"), []
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(0)
            for _ in range(8):
                waiting.append(socket.socket(socket.AF_UNIX))
                self.addCleanup(waiting[-1].close)
                waiting[-1].setblocking(False)
                try:
                    waiting[-1].connect(path)
                except BlockingIOError:
                    break
            else:
                self.fail("everybody may wait")
            self.fails("PT2-X008", "call", path, "--timeout=1", "--retries=0", has=os.strerror(errno.ETIMEDOUT))

    def test_retries(self):
        self.assertEqual(self.refused("PT2-X005", *[peer.fault("hello", "PT2-X005", temporary=True, sequence=i) for i in (1, 2, 3)],
                                      options=("--retries=2",)), 3)
        self.assertEqual(self.refused("PT2-X007", b"", options=("--retries=2",)), 3)

    def chunk(self, data, sequence, total=8, offset=0, crc=None, version="v"):
        fields = [(1, peer.TEXT, data), (3, peer.I64, offset), (4, peer.I64, total), (5, peer.TEXT, version)]
        if crc is not None:
            fields.append((6, peer.I64, crc))
        return peer.reply("fetchProgram", peer.record(*fields), sequence)

    def test_damaged_pieces(self):
        hello, words = peer.reply("hello", peer.server_info()), ("fetch", "x", self.path("out"))
        self.refused("PT2-X012", hello, self.chunk(b"12345678", 2, crc=1), words=words)
        self.refused("PT2-X011", hello, self.chunk(b"12345678", 2, offset=1), words=words)
        self.refused("PT2-X011", hello, self.chunk(b"", 2), words=words)
        self.refused("PT2-X011", hello, self.chunk(b"123456789", 2), words=words)
        self.refused("PT2-F005", hello, self.chunk(b"1234", 2), self.chunk(b"5678", 3, offset=4, version="w"), words=words)
        self.assertFalse(os.path.exists(self.path("out")))


if __name__ == "__main__":
    command.main()
