# SPDX-License-Identifier: Apache-2.0
"""Programs that are the same and look different, and programs that look the same and are different.

shuffled() renames every value, node, subgraph and constant input of a program, puts nodes into another order that
computes the same, shuffles tables and what of the signature has no order, and writes new debug text. mutated() changes
one thing that a program computes or promises. Both take and give a program's JSON as Python reads it.
"""
import copy
import random
import string

TABLES = ("tensor_values", "sym_int_values", "sym_bool_values", "sym_float_values", "custom_obj_values")
DRAWS = ("dropout", "rand", "bernoulli", "multinomial")


def arguments(argument):
    """Dictionaries {"name": …} and {"as_name": …} of an argument that name a value, and graphs in it."""
    (tag, value), = argument.items()
    if tag == "as_string_to_argument":
        for inner in value.values():
            yield from arguments(inner)
    elif tag == "as_graph":
        yield "graph", value
    elif tag in ("as_tensor", "as_custom_obj"):
        yield "name", value
    elif tag == "as_tensors":
        yield from (("name", item) for item in value)
    elif tag == "as_nested_tensors":
        yield from (("name", item) for items in value for item in items)
    elif tag in ("as_optional_tensors", "as_optional_tensor"):
        for item in value if isinstance(value, list) else [value]:
            if "as_tensor" in item:
                yield "name", item["as_tensor"]
    elif tag.startswith("as_sym"):
        for item in value if isinstance(value, list) else [value]:
            if "as_name" in item:
                yield "as_name", item


def node_arguments(node):
    for item in node["inputs"]:
        yield from arguments(item["arg"])


def defined(node):
    return [place[key] for output in node["outputs"] for key, place in arguments(output) if key != "graph"]


def graphs(graph):
    yield graph
    for node in graph["nodes"]:
        for key, place in node_arguments(node):
            if key == "graph":
                yield from graphs(place["graph"])


class Shuffle:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.used = set()

    def word(self):
        while True:
            text = self.random.choice(string.ascii_letters) + "".join(self.random.choices(string.ascii_lowercase + "0123456789_", k=6))
            if text not in self.used:
                self.used.add(text)
                return text

    def shuffled_map(self, table):
        items = list(table.items())
        self.random.shuffle(items)
        return dict(items)

    def order(self, nodes):
        """Another order in which nodes come after what they use; what draws random numbers keeps its turn."""
        makers = {name: i for i, node in enumerate(nodes) for name in defined(node)}
        waits = [{makers[place[key]] for key, place in node_arguments(node) if key != "graph" and place[key] in makers} for node in nodes]
        last = None
        for i, node in enumerate(nodes):
            if any(word in node["target"] for word in DRAWS):
                if last is not None:
                    waits[i].add(last)
                last = i
        followers = [[] for _ in nodes]
        for i, before in enumerate(waits):
            for j in before:
                followers[j].append(i)
        left = [len(before) for before in waits]
        ready, result = [i for i, n in enumerate(left) if n == 0], []
        while ready:
            i = ready.pop(self.random.randrange(len(ready)))
            result.append(nodes[i])
            for j in followers[i]:
                left[j] -= 1
                if left[j] == 0:
                    ready.append(j)
        assert len(result) == len(nodes)
        return result

    def graph(self, graph):
        """Renames and reorders one graph; returns old names to new ones."""
        names = {}
        for argument in graph["inputs"]:
            names.update({place[key]: self.word() for key, place in arguments(argument)})
        for node in graph["nodes"]:
            names.update({name: self.word() for name in defined(node)})
        graph["nodes"] = self.order(graph["nodes"])
        for node in graph["nodes"]:
            self.node(node, names)
        for argument in graph["inputs"] + graph["outputs"]:
            self.rename(argument, names)
        for table in TABLES:
            if table in graph:
                graph[table] = self.shuffled_map({names.get(name, name): value for name, value in graph[table].items()})
        for name, value in graph.get("custom_obj_values", {}).items():
            value["name"] = names.get(value["name"], value["name"])
        return names

    def rename(self, argument, names):
        for key, place in arguments(argument):
            if key != "graph":
                place[key] = names.get(place[key], place[key])

    def node(self, node, names):
        if node.get("name") is not None:
            node["name"] = names[node["name"]] if node["name"] in names else self.word()
        node["metadata"] = self.random.choice(({}, {"stack_trace": self.word(), "custom": "1"}, {"nn_module_stack": "a,b," + self.word()}))
        for item in node["inputs"]:
            self.rename(item["arg"], names)
            for key, place in arguments(item["arg"]):
                if key == "graph":
                    place["name"] = self.word()
                    self.graph(place["graph"])
        for output in node["outputs"]:
            self.rename(output, names)

    def pairs(self, values, specs, ordered):
        """Shuffles (value, spec) pairs; those whose spec is ORDERED keep their order among each other."""
        pairs = list(zip(values, specs))
        kept = [pair for pair in pairs if next(iter(pair[1])) in ordered]
        self.random.shuffle(pairs)
        turn = iter(kept)
        return [next(turn) if next(iter(pair[1])) in ordered else pair for pair in pairs]

    def specs(self, module, names):
        for spec in module["signature"]["input_specs"] + module["signature"]["output_specs"]:
            (kind, value), = spec.items()
            if kind == "constant_input":
                value["name"] = self.word()
            elif kind in ("user_input", "user_output"):
                self.rename(value["arg"], names)
            else:
                value["arg"]["name"] = names[value["arg"]["name"]]
            if "user_input_name" in value:
                value["user_input_name"] = names[value["user_input_name"]]
        for entry in module["module_call_graph"]:
            for argument in (entry.get("signature") or {}).get("inputs", []) + (entry.get("signature") or {}).get("outputs", []):
                self.rename(argument, names)

    def program(self, program):
        program = copy.deepcopy(program)
        module = program["graph_module"]
        graph, signature = module["graph"], module["signature"]
        names = self.graph(graph)
        self.specs(module, names)
        inputs = self.pairs(graph["inputs"], signature["input_specs"], ("user_input", "constant_input", "token"))
        outputs = self.pairs(graph["outputs"], signature["output_specs"],
                             ("user_output", "loss_output", "gradient_to_user_input", "token"))
        graph["inputs"], signature["input_specs"] = [p[0] for p in inputs], [p[1] for p in inputs]
        graph["outputs"], signature["output_specs"] = [p[0] for p in outputs], [p[1] for p in outputs]
        for table in ("opset_version", "range_constraints"):
            program[table] = self.shuffled_map(program[table])
        if "guards_code" in program:
            self.random.shuffle(program["guards_code"])
        if len({entry["fqn"] for entry in module["module_call_graph"]}) == len(module["module_call_graph"]):
            self.random.shuffle(module["module_call_graph"])
        if "metadata" in module:
            module["metadata"] = self.random.choice(({}, {"custom": self.word()}))
        return program


def shuffled(program, seed):
    return Shuffle(seed).program(program)


# ---- one thing that matters ----

def change_target(rng, graph):
    node = rng.choice(graph["nodes"])
    node["target"] += "_x"
    return f"target of {node['name'] if 'name' in node else node['target']}"


def change_immediate(rng, graph):
    items = [item for node in graph["nodes"] for item in node["inputs"]
             if next(iter(item["arg"])) in ("as_int", "as_float", "as_bool", "as_string", "as_ints")]
    if not items:
        return None
    item = rng.choice(items)
    (tag, value), = item["arg"].items()
    item["arg"] = {tag: {"as_int": lambda: value + 1, "as_bool": lambda: not value, "as_string": lambda: value + "x",
                         "as_ints": lambda: value + [7], "as_float": lambda: 0.123 if value == 0.5 else 0.5}[tag]()}
    return f"{tag} {item['name']}"


def change_use(rng, graph):
    """Another value of the same table, of an input, so that no circle can arise."""
    inputs = [place["name"] for argument in graph["inputs"] for key, place in arguments(argument) if key == "name"]
    uses = [place for node in graph["nodes"] for key, place in node_arguments(node) if key == "name" and place["name"] in graph["tensor_values"]]
    if len(inputs) < 2 or not uses:
        return None
    place = rng.choice(uses)
    others = [name for name in inputs if name != place["name"] and name in graph["tensor_values"]]
    if not others:
        return None
    place["name"] = rng.choice(others)
    return "a use"


def change_name_of_input(rng, graph):
    items = [item for node in graph["nodes"] for item in node["inputs"]]
    if not items:
        return None
    rng.choice(items)["name"] += "x"
    return "name of an argument"


def change_kind(rng, graph):
    items = [item for node in graph["nodes"] for item in node["inputs"] if item.get("kind") in (1, 2)]
    if not items:
        return None
    item = rng.choice(items)
    item["kind"] = 3 - item["kind"]
    return "kind of an argument"


def change_dtype(rng, graph):
    if not graph["tensor_values"]:
        return None
    meta = rng.choice(list(graph["tensor_values"].values()))
    meta["dtype"] = 8 if meta["dtype"] == 7 else 7
    return "dtype of a value"


def change_shape(rng, graph):
    metas = [meta for meta in graph["tensor_values"].values() if meta["sizes"]]
    if not metas:
        return None
    rng.choice(metas)["sizes"][0] = {"as_int": 12345}
    return "shape of a value"


def drop_input(rng, graph):
    nodes = [node for node in graph["nodes"] if node["inputs"]]
    rng.choice(nodes)["inputs"].pop()
    return "an argument less"


def change_signature(rng, program):
    specs = program["graph_module"]["signature"]["input_specs"]
    named = [(value, key) for spec in specs for value in spec.values()
             for key in ("parameter_name", "buffer_name", "tensor_constant_name") if key in value]
    if not named:
        return None
    value, key = rng.choice(named)
    value[key] += ".x"
    return "name of a parameter"


def change_range(rng, program):
    if not program["range_constraints"]:
        return None
    rng.choice(list(program["range_constraints"].values()))["max_val"] = 77
    return "a range"


def swap_outputs(rng, program):
    module = program["graph_module"]
    outputs = module["graph"]["outputs"]
    places = [i for i, spec in enumerate(module["signature"]["output_specs"]) if "user_output" in spec]
    if len(places) < 2 or outputs[places[0]] == outputs[places[1]]:
        return None
    a, b = places[:2]
    outputs[a], outputs[b] = outputs[b], outputs[a]
    specs = module["signature"]["output_specs"]
    specs[a], specs[b] = specs[b], specs[a]
    return "two outputs"


def change_tree(rng, program):
    for entry in program["graph_module"]["module_call_graph"]:
        if entry.get("signature"):
            entry["signature"]["out_spec"] += " "
            return "a tree spec"
    return None


ON_GRAPHS = (change_target, change_immediate, change_use, change_name_of_input, change_kind, change_dtype, change_shape, drop_input)
ON_PROGRAMS = (change_signature, change_range, swap_outputs, change_tree)


def mutated(program, seed):
    """(what was changed, the program), or (None, …) if there was nothing of that kind to change."""
    rng = random.Random(seed)
    program = copy.deepcopy(program)
    change = (ON_GRAPHS + ON_PROGRAMS)[seed % (len(ON_GRAPHS) + len(ON_PROGRAMS))]
    if change in ON_PROGRAMS:
        return change(rng, program), program
    return change(rng, rng.choice([g for g in graphs(program["graph_module"]["graph"]) if g["nodes"]])), program
