#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What can be done with a server of programs from Python: list, look at nodes, change one, store it, take weights.

    example.py SOCKET
"""
import collections
import sys

from pt2_client import Client, to_compact


def main(path):
    with Client(path) as client:
        for entry in client.programs():
            print(f"{entry.name}: {entry.kind}, {entry.bytes} bytes")
            if entry.fault is not None or not entry.models:
                continue
            for model in entry.models:
                look_at(client, entry.name, model or None)


def look_at(client, name, model):
    said = client.describe(name, model)
    print(f"  schema {said.schema_major}.{said.schema_minor}, {said.nodes} nodes, {len(said.inputs)} inputs")
    if said.schema_major != 8:
        return
    program = client.fetch(name, model)
    targets = collections.Counter(node.target for node in program.graph_module.graph.nodes)
    for target, count in targets.most_common(3):
        print(f"  {count} {target}")
    for tensor in client.tensors(name, model):
        if tensor.fault is None and tensor.dtype == "float32":
            array = client.tensor(name, tensor, model)
            print(f"  {tensor.fqn}: {array.shape}, mean {array.mean() if array.size else 0:.3f}")
    for node in program.graph_module.graph.nodes:
        node.metadata.pop("stack_trace", None)
    stored = client.store(to_compact(program), f"{name}-{model or 'program'}.stripped.thrift", replace=True)
    print(f"  stored {stored.entry.name}, {stored.entry.bytes} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
