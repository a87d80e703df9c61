# SPDX-License-Identifier: Apache-2.0
"""Faults in payloads and records."""
from cases import names, values
from faults import fault


# ---- payloads ----

def entry_of(case, which="weights"):
    name, config = case.config(which)
    entries = (config or {}).get("config", {})
    return name, config, next((k for k, v in entries.items() if v["tensor_meta"] and not v["use_pickle"]), None)


@fault("PT2-W101")
def weight_dropped(case):
    name, config, key = entry_of(case)
    if key is None:
        return False
    del config["config"][key]
    case.set_config(name, config)


@fault("PT2-W101")
def weight_renamed(case):
    name, config, key = entry_of(case)
    if key is None:
        return False
    config["config"][key + "_"] = config["config"].pop(key)
    case.set_config(name, config)


@fault("PT2-W102")
def weight_added(case):
    name, config, key = entry_of(case)
    if key is None:
        return False
    config["config"]["surplus"] = dict(config["config"][key], path_name="weight_4711")
    case.records["data/weights/weight_4711"] = case.records["data/weights/" + config["config"][key]["path_name"]]
    case.set_config(name, config)


@fault("PT2-W002")
def weight_record_dropped(case):
    name, config, key = entry_of(case)
    if key is None:
        return False
    del case.records["data/weights/" + config["config"][key]["path_name"]]


@fault("PT2-W103")
def weight_of_another_type(case):
    name, config, key = entry_of(case)
    if key is None or config["config"][key]["tensor_meta"]["dtype"] != 7:
        return False
    config["config"][key]["tensor_meta"]["dtype"] = 4
    case.set_config(name, config)


@fault("PT2-W114")
def weight_of_integers_with_a_gradient(case):
    return weight_of_another_type(case)


@fault("PT2-W104", "PT2-W004")
def weight_of_another_shape(case):
    name, config, key = entry_of(case)
    meta = config["config"][key]["tensor_meta"] if key else None
    if not meta or not meta["sizes"] or meta["sizes"][0]["as_int"] < 2:
        return False
    meta["sizes"][0] = {"as_int": meta["sizes"][0]["as_int"] - 1}
    case.set_config(name, config)


@fault("PT2-W104", "PT2-W105")
def weight_transposed(case):
    name, config, _ = entry_of(case)
    for entry in (config or {"config": {}})["config"].values():
        meta = entry["tensor_meta"]
        if meta and len(meta["sizes"]) == 2 and meta["sizes"][0] != meta["sizes"][1]:
            meta["sizes"].reverse()
            meta["strides"].reverse()
            case.set_config(name, config)
            return None
    return False


@fault("PT2-W105")
def weight_of_other_strides(case):
    name, config, _ = entry_of(case)
    for entry in (config or {"config": {}})["config"].values():
        meta = entry["tensor_meta"]
        if meta and not entry["use_pickle"] and len(meta["sizes"]) == 2 and all(s["as_int"] > 1 for s in meta["sizes"]):
            meta["strides"] = [{"as_int": 1}, {"as_int": meta["sizes"][0]["as_int"]}]
            case.set_config(name, config)
            return None
    return False


@fault("PT2-W004")
def weight_cut_short(case):
    name, config, key = entry_of(case)
    if key is None:
        return False
    record = "data/weights/" + config["config"][key]["path_name"]
    size = 4 if config["config"][key]["tensor_meta"]["dtype"] in (4, 7) else 8
    if len(case.records[record]) <= size:
        return False
    case.records[record] = case.records[record][:-size]


@fault("PT2-W005", "PT2-W004")
def weight_with_half_an_element(case):
    name, config, key = entry_of(case)
    if key is None or config["config"][key]["tensor_meta"]["dtype"] not in (4, 5, 7):
        return False
    case.records["data/weights/" + config["config"][key]["path_name"]] += b"\0"


@fault("PT2-W104")
def program_of_another_shape(case):
    spec = case.spec("parameter")
    meta = case.graph["tensor_values"][spec["arg"]["name"]] if spec else None
    if not meta or not meta["sizes"]:
        return False
    meta["sizes"][0] = {"as_int": meta["sizes"][0]["as_int"] + 1}


@fault("PT2-W103")
def program_of_another_type(case):
    spec = case.spec("parameter")
    if spec is None:
        return False
    meta = case.graph["tensor_values"][spec["arg"]["name"]]
    meta["dtype"] = 8 if meta["dtype"] != 8 else 7


@fault("PT2-W107")
def buffer_no_longer_persistent(case):
    spec = case.spec("buffer")
    if spec is None:
        return False
    spec["persistent"] = not spec["persistent"]


@fault("PT2-W106")
def parameter_whose_payload_is_none(case):
    name, config, key = entry_of(case)
    if key is None or not config["config"][key]["is_param"]:
        return False
    config["config"][key]["is_param"] = False
    case.set_config(name, config)


@fault("PT2-W110")
def record_that_no_list_names(case):
    if case.config()[1] is None:
        return False
    case.records["data/weights/weight_4711"] = b"\0" * 16


@fault("PT2-W112")
def payload_of_another_device(case):
    name, config, key = entry_of(case)
    if key is None:
        return False
    config["config"][key]["tensor_meta"]["device"] = {"type": "cuda", "index": 0}
    case.set_config(name, config)


@fault("PT2-W113")
def gradient_turned_round(case):
    name, config, key = entry_of(case)
    if key is None:
        return False
    meta = config["config"][key]["tensor_meta"]
    meta["requires_grad"] = not meta["requires_grad"]
    case.set_config(name, config)


@fault("PT2-W111")
def user_input_of_another_type(case):
    spec = case.spec("user_input")
    if not spec or "as_tensor" not in spec["arg"] or not any(
            case.records.get(f) for f in ("data/sample_inputs/model.pt", "serialized_example_inputs.pt")):
        return False
    meta = case.graph["tensor_values"][spec["arg"]["as_tensor"]["name"]]
    meta["dtype"] = 8 if meta["dtype"] != 8 else 7


# ---- records ----

@fault("PT2-R101", "PT2-W008")
def list_of_weights_dropped(case):
    name, config = case.config()
    if config is None:
        return False
    del case.records[name]


@fault("PT2-R101")
def sample_inputs_dropped(case):
    if "data/sample_inputs/model.pt" not in case.records:
        return False
    del case.records["data/sample_inputs/model.pt"]


@fault("PT2-R101")
def container_version_dropped(case):
    if ".data/version" not in case.records:
        return False
    del case.records[".data/version"]


@fault("PT2-R002")
def archive_of_tomorrow(case):
    if "archive_version" not in case.records:
        return False
    case.records["archive_version"] = b"1"


@fault("PT2-R102", profile="untrusted")
def record_of_no_use(case):
    if case.legacy:
        return False
    case.records["data/surprise"] = b"?"


@fault("PT2-R103")
def payloads_of_another_byte_order(case):
    if case.config()[1] is None:
        return False
    case.records["byteorder"] = b"big"


@fault("PT2-R104")
def model_that_is_no_program(case):
    if case.legacy:
        return False
    case.records["models/readme.txt"] = b"?"


@fault("PT2-R105")
def extra_that_is_no_text(case):
    case.records[("extra_files/" if case.legacy else "extra/") + "x"] = b"\xff\xfe"


@fault("PT2-R106")
def folder_entry(case):
    case.records["extra_files/" if case.legacy else "extra/"] = b""


@fault("PT2-R107")
def version_record_of_another_schema(case):
    if not case.legacy:
        return False
    case.records["version"] = b"8.1"


@fault("PT2-X104", profile="untrusted")
def native_code_added(case):
    if case.legacy:
        return False
    case.records["data/aotinductor/model/m.so"] = b"\x7fELF"


# A pickle that would call a function: protocol 2, GLOBAL, a text, TUPLE1, REDUCE, STOP.
def calling_pickle(module, name):
    return b"\x80\x02c" + module + b"\n" + name + b"\nX\x01\0\0\0x\x85R."


def pickled_inputs(case):
    return "serialized_example_inputs.pt" if case.legacy else "data/sample_inputs/model.pt"


@fault("PT2-X103")
def pickle_that_runs_a_program(case):
    case.records[pickled_inputs(case)] = calling_pickle(b"os", b"system")


@fault("PT2-X103")
def pickle_that_evaluates(case):
    case.records[pickled_inputs(case)] = calling_pickle(b"builtins", b"eval")


@fault("PT2-X102", profile="untrusted")
def pickle_of_a_class(case):
    case.records[pickled_inputs(case)] = calling_pickle(b"some.module", b"Class")
