# SPDX-License-Identifier: Apache-2.0
"""A `pt2 serve` over a folder with four programs, and `pt2 call` of it."""
import json
import os
import shutil
import time

import command
import exchange_peer as peer

GPT = str(command.CORPUS / "torch-2.15.0/gpt_24l.pt2")


class ExchangeTest(command.CommandTest):
    options = ()

    def setUp(self):
        super().setUp()
        models = self.path("models")
        os.mkdir(models)
        for path, name in ((command.MLP, "mlp.pt2"), (command.SEVERAL, "several.pt2"), (command.OLD, "old.pt2"), (GPT, "gpt.pt2")):
            shutil.copy(path, os.path.join(models, name))
        self.serve(*self.options)

    def serve(self, *options, **more):
        self.server = peer.Server(self.folder, *options, **more)
        self.addCleanup(self.stop, self.server)

    @staticmethod
    def stop(server):
        if server.process.poll() is None:
            server.stop()

    def call(self, *words, **more):
        return self.text("call", self.server.address, *words, **more)

    def ask(self, *words, **more):
        return json.loads(self.call(*words, **more))

    def refused(self, id_, *words):
        self.assertEqual(self.bad("call", self.server.address, *words)["id"], id_, words)

    def kinds(self, event):
        return [line.get("id") for line in self.server.log() if line["event"] == event]

    def wait_for(self, condition):
        for _ in range(200):
            if condition():
                return
            time.sleep(0.05)
        self.fail("it never came to be")
