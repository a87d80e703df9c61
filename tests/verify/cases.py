# SPDX-License-Identifier: Apache-2.0
"""Good programs taken apart, so that faults can be put into them, and put together again."""
import copy
import io
import json
import pathlib
import zipfile

CORPUS = pathlib.Path(__file__).resolve().parents[1] / "corpus"
LEGACY = "serialized_exported_program.json"


class Case:
    """An archive: its records without the root folder, and one program of it as JSON."""

    def __init__(self, path):
        self.path = path
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            self.legacy = LEGACY in names
            self.root = "" if self.legacy else names[0].split("/")[0] + "/"
            self.records = {name[len(self.root):]: archive.read(name) for name in names}
        self.name = LEGACY if self.legacy else next(n for n in self.records if n.startswith("models/"))
        self.program = json.loads(self.records[self.name])

    def copy(self):
        return copy.deepcopy(self)

    # ---- the program ----

    @property
    def graph(self):
        return self.program["graph_module"]["graph"]

    @property
    def nodes(self):
        return self.graph["nodes"]

    @property
    def signature(self):
        return self.program["graph_module"]["signature"]

    @property
    def root_call(self):
        return next(e for e in self.program["graph_module"]["module_call_graph"] if e["fqn"] == "")["signature"]

    @property
    def minor(self):
        return self.program["schema_version"]["minor"]

    def node(self, *targets):
        """The first node of one of the targets, such as "aten.linear.default"."""
        return next((n for n in self.nodes if n["target"].removeprefix("torch.ops.") in targets), None)

    def spec(self, kind, which="input_specs"):
        return next((s[kind] for s in self.signature[which] if kind in s), None)

    def graph_calls(self):
        """(node, its subgraphs) of each higher-order call of the outermost graph."""
        for node in self.nodes:
            graphs = [a["arg"]["as_graph"] for a in node["inputs"] if "as_graph" in a["arg"]]
            if graphs:
                yield node, graphs

    def config(self, which="weights"):
        name = f"data/{which}/model_{which}_config.json"
        return name, json.loads(self.records[name]) if name in self.records else None

    def set_config(self, name, config):
        self.records[name] = json.dumps(config).encode()

    # ---- the file ----

    def write(self, change=None):
        """The bytes of the archive; CHANGE edits them last."""
        self.records[self.name] = json.dumps(self.program).encode()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for name, data in self.records.items():
                made.writestr(zipfile.ZipInfo(self.root + name), data)
        return change(out.getvalue()) if change else out.getvalue()


def names(argument):
    """The names in an argument, as the dictionaries that hold them: [(dictionary, key)]."""
    (tag, value), = argument.items()
    if tag in ("as_tensor", "as_custom_obj"):
        return [(value, "name")]
    if tag == "as_tensors":
        return [(item, "name") for item in value]
    if tag == "as_optional_tensors":
        return [(item["as_tensor"], "name") for item in value if "as_tensor" in item]
    if tag in ("as_sym_int", "as_sym_bool", "as_sym_float"):
        return [(value, "as_name")] if "as_name" in value else []
    if tag in ("as_sym_ints", "as_sym_bools", "as_sym_floats"):
        return [(item, "as_name") for item in value if "as_name" in item]
    return []


def values(argument):
    return [where[key] for where, key in names(argument)]


def input_of(node, name):
    return next((a for a in node["inputs"] if a["name"] == name), None)


def first_use(case, tag="as_tensor"):
    for node in case.nodes:
        for argument in node["inputs"]:
            if tag in argument["arg"]:
                return node, argument["arg"]
    return None, None
