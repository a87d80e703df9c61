# SPDX-License-Identifier: Apache-2.0
"""Programs as JSON with known changes in them, for tests of what compares programs."""
import copy
import random


def graph_of(program):
    return program["graph_module"]["graph"]


def uses(program, name):
    """Every tensor argument of a node or output that is called NAME."""
    graph = graph_of(program)
    arguments = [item["arg"] for node in graph["nodes"] for item in node["inputs"]] + graph["outputs"]
    arguments += [spec["user_output"]["arg"] for spec in program["graph_module"]["signature"]["output_specs"]
                  if "user_output" in spec]
    for argument in arguments:
        for tag, value in argument.items():
            if tag == "as_tensor":
                found = [value]
            elif tag == "as_tensors":
                found = value
            elif tag == "as_optional_tensors":
                found = [item["as_tensor"] for item in value if "as_tensor" in item]
            else:
                found = []
            yield from (item for item in found if item["name"] == name)


def renamed(value, new_name, names, key=None):
    """VALUE with every name of NAMES mapped by NEW_NAME, as keys of the tables too."""
    if isinstance(value, dict):
        return {new_name(inner) if key == "tensor_values" and inner in names else inner:
                renamed(item, new_name, names, inner) for inner, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, new_name, names, key) for item in value]
    return new_name(value) if key == "name" and value in names else value


class Editor:
    """Makes single changes in different nodes of a copy of PROGRAM and notes what each is."""

    def __init__(self, program, seed):
        self.program = copy.deepcopy(program)
        self.random = random.Random(seed)
        self.graph = graph_of(self.program)
        self.touched = set()
        self.log = []

    def pick(self, fits=lambda node: True):
        nodes = self.graph["nodes"]
        for _ in range(100000):
            node = nodes[self.random.randrange(len(nodes))]
            if id(node) not in self.touched and fits(node):
                self.touched.add(id(node))
                return node
        raise LookupError("no node is left that fits")

    def change(self):
        kinds = [self.scalar, self.target, self.note, self.rename, self.add, self.remove, self.dtype, self.operand]
        self.log.append(self.random.choice(kinds)())

    def scalar(self):
        def numbers(node):
            return [item["arg"] for item in node["inputs"] if "as_int" in item["arg"] or "as_float" in item["arg"]]
        argument = numbers(self.pick(numbers))[0]
        argument[next(iter(argument))] += 17
        return "node-changed"

    def target(self):
        self.pick()["target"] += "_other"
        return "node-changed"

    def note(self):
        self.pick()["metadata"]["torch_fn"] = "another"
        return "metadata-changed"

    def rename(self):
        node = self.pick(lambda node: "as_tensor" in node["outputs"][0])
        old, new = node["name"], f"renamed_{len(self.log)}"
        for use in list(uses(self.program, old)):
            use["name"] = new
        node["outputs"][0]["as_tensor"]["name"] = node["name"] = new
        values = self.graph["tensor_values"]
        self.graph["tensor_values"] = {new if name == old else name: meta for name, meta in values.items()}
        return "node-renamed"

    def add(self):
        name = f"added_{len(self.log)}"
        nodes = self.graph["nodes"]
        nodes.insert(self.random.randrange(len(nodes)),
                     {"target": "torch.ops.aten.neg.default",
                      "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "x"}}, "kind": 1}],
                      "outputs": [{"as_tensor": {"name": name}}], "metadata": {},
                      "is_hop_single_tensor_return": None, "name": name})
        self.touched.update(id(node) for node in nodes if node["name"] == name)
        self.graph["tensor_values"][name] = copy.deepcopy(self.graph["tensor_values"]["x"])
        return "node-added"

    def remove(self):
        node = self.pick(lambda node: "as_tensor" in node["outputs"][0]
                         and not list(uses(self.program, node["name"])))
        self.graph["nodes"].remove(node)
        del self.graph["tensor_values"][node["name"]]
        return "node-removed"

    def dtype(self):
        meta = self.graph["tensor_values"][self.pick(lambda node: "as_tensor" in node["outputs"][0])["name"]]
        meta["dtype"] = 12 if meta["dtype"] != 12 else 7
        return "value-changed"

    def operand(self):
        def tensors(node):
            return [item["arg"]["as_tensor"] for item in node["inputs"]
                    if "as_tensor" in item["arg"] and item["arg"]["as_tensor"]["name"] != "x"]
        tensors(self.pick(tensors))[0]["name"] = "x"
        return "node-changed"
