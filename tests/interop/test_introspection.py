#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The types of libpt2-thrift-1 from a language that only has their typelib: Python's gi, nothing generated for it.

    test_introspection.py CORPUS PT2

Needs GI_TYPELIB_PATH and LD_LIBRARY_PATH. Last line: `N passed, N failed`.
"""
import subprocess
import sys
import unittest

import gi

gi.require_version("Pt2Thrift", "1")
from gi.repository import GLib, Pt2Thrift  # noqa: E402


def compact(path):
    done = subprocess.run([PT2, "convert", "--to=compact", path, "-"], capture_output=True, check=True)
    return GLib.Bytes(done.stdout)


class Introspection(unittest.TestCase):
    def test_a_value_made_here(self):
        device = Pt2Thrift.Device(type="cuda", index=3)
        written = Pt2Thrift.struct_to_compact(device, None)
        again = Pt2Thrift.struct_from_compact(Pt2Thrift.Device, written, None)
        self.assertEqual((again.props.type, again.props.index), ("cuda", 3))

    def test_a_real_program(self):
        before = compact(f"{CORPUS}/torch-2.15.0/mlp.pt2")
        program = Pt2Thrift.struct_from_compact(Pt2Thrift.ExportedProgram, before, None)
        nodes = program.props.graph_module.props.graph.props.nodes
        self.assertEqual(nodes[0].props.target, "torch.ops.aten.linear.default")
        self.assertEqual([argument.props.name for argument in nodes[0].props.inputs], ["input", "weight", "bias"])
        self.assertEqual(nodes[0].props.inputs[0].props.arg.props.as_tensor.props.name, "x")
        self.assertEqual(program.props.schema_version.props.major, 8)
        self.assertEqual(program.props.verifiers, ["TRAINING"])
        # The entries of maps are in another order, so only their number of bytes is known.
        self.assertEqual(Pt2Thrift.struct_to_compact(program, None).get_size(), before.get_size())

    def test_bad_bytes(self):
        for data in (b"", b"\xff\xff", b"\x00\x00"):
            with self.assertRaises(GLib.Error) as caught:
                Pt2Thrift.struct_from_compact(Pt2Thrift.Device, GLib.Bytes(data), None)
            self.assertTrue(caught.exception.matches(GLib.quark_from_string("Pt2Error"), caught.exception.code))


if __name__ == "__main__":
    CORPUS, PT2 = sys.argv[1:3]
    result = unittest.main(argv=sys.argv[:1], exit=False).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
