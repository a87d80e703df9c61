#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many clients that call all methods in turn, for a while: no error, and no growth after the first third.

$PT2_TEST_SOAK says for how many seconds (600 is what docs/benchmarks.md has), $PT2_TEST_SOAK_CLIENTS how many clients.
"""
import hashlib
import json
import os
import pathlib
import re
import struct
import threading
import time

import command
import exchange_peer as peer
from exchange_case import ExchangeTest

SECONDS = float(os.environ.get("PT2_TEST_SOAK") or (3 if os.environ.get("PT2_TEST_QUICK") else 15))
CLIENTS = int(os.environ.get("PT2_TEST_SOAK_CLIENTS") or 64)
GROWTH = 16 << 10  # KiB that a server may have more at the end than after the first third
NAMES = ("gpt.pt2", "mlp.pt2")


def text(*fields):
    return peer.record(*((number, peer.TEXT, value) for number, value in fields))


def calls_of(name):
    """One message for each method that only looks, and a store of what is there."""
    digest = hashlib.sha256(command.read(command.MLP)).digest()
    size = os.path.getsize(command.MLP)
    program = text((1, name))
    return [peer.call("hello"), peer.call("programs"), peer.call("describe", program), peer.call("tensors", program),
            peer.call("structs", program), peer.call("stats"), peer.call("fetchProgram", program),
            peer.call("fetchProgram", peer.record((1, peer.TEXT, name), (3, peer.I32, 3), (6, peer.I32, 2))),
            peer.call("fetchStruct", text((1, name), (2, "models/model.json"))),
            peer.call("fetchTensor", text((1, "mlp.pt2"), (3, "a.weight"))), peer.call("verify", text((1, "mlp.pt2"))),
            peer.call("compare", text((1, "mlp.pt2"), (3, name))),
            peer.call("storeBegin", peer.record((2, peer.TEXT, "mlp.pt2"), (3, peer.I64, size), (4, peer.TEXT, digest)))]


def is_result(frame):
    """A reply whose one field is 0: what the method gives."""
    name_at = 3
    name_len = frame[name_at]
    return frame[1] & 0xE0 == 0x40 and frame[name_at + 1 + name_len:][:2] == bytes([peer.STRUCT, 0])


class Soak(ExchangeTest):
    options = ("-q",)

    def memory(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"RssAnon:\s+(\d+)", status).group(1))

    def work(self, number, until, counts, failures):
        calls = calls_of(NAMES[number % 2])
        with self.server.connect() as client, client.makefile("rb") as answers:
            client.settimeout(60)
            turn = number
            while time.monotonic() < until and not failures:
                client.sendall(calls[turn % len(calls)])
                frame = answers.read(struct.unpack(">I", answers.read(4))[0])
                if not is_result(frame):
                    failures.append((turn % len(calls), frame[:300]))
                counts[number] += 1
                turn += 1

    def test_mixed_calls(self):
        counts, failures, begun = [0] * CLIENTS, [], time.monotonic()
        threads = [threading.Thread(target=self.work, args=(i, begun + SECONDS, counts, failures)) for i in range(CLIENTS)]
        for thread in threads:
            thread.start()
        time.sleep(SECONDS / 3)
        warm = self.memory()
        for thread in threads:
            thread.join()
        cold = self.memory()
        self.assertEqual(failures, [])
        self.assertGreater(min(counts), 0)
        said = self.ask("stats")
        self.assertEqual([m["errors"] for m in said["methods"]], [0] * len(said["methods"]))
        print(json.dumps({"seconds": SECONDS, "clients": CLIENTS, "calls": sum(counts), "warm_kib": warm, "end_kib": cold,
                          "p99_us": {m["method"]: m["p99"] for m in said["methods"] if m["calls"]}}))
        self.assertLess(cold, warm + GROWTH)


if __name__ == "__main__":
    command.main()
