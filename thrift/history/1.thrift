// SPDX-License-Identifier: Apache-2.0
// PyTorch's schema 1: read off the classes of the release.

namespace py pt2_history_1

const i32 SCHEMA_MAJOR = 1
const i32 SCHEMA_MINOR = 0
const string TORCH = "2.1"
const string EVIDENCE = "classes"

enum ScalarType {
  UNKNOWN = 0
  BYTE = 1
  CHAR = 2
  SHORT = 3
  INT = 4
  LONG = 5
  HALF = 6
  FLOAT = 7
  DOUBLE = 8
  COMPLEXHALF = 9
  COMPLEXFLOAT = 10
  COMPLEXDOUBLE = 11
  BOOL = 12
  BFLOAT16 = 13
}

enum Layout {
  Unknown = 0
  SparseCoo = 1
  SparseCsr = 2
  SparseCsc = 3
  SparseBsr = 4
  SparseBsc = 5
  _mkldnn = 6
  Strided = 7
}

enum MemoryFormat {
  Unknown = 0
  ContiguousFormat = 1
  ChannelsLast = 2
  ChannelsLast3d = 3
  PreserveFormat = 4
}

struct Device {
  10: string type
  20: optional i64 index (json.null_key = "true")
}

struct SymExpr {
  10: string expr_str
  20: optional i64 hint (json.null_key = "true")
}

union SymInt {
  10: SymExpr as_expr
  20: i64 as_int
}

union SymBool {
  10: string as_expr
  20: bool as_bool
}

struct TensorMeta {
  10: ScalarType dtype
  20: list<SymInt> sizes
  30: bool requires_grad
  40: Device device
  50: list<SymInt> strides
  60: i64 storage_offset
  70: Layout layout
}

union SymIntArgument {
  10: string as_name
  20: i64 as_int
}

union SymBoolArgument {
  10: string as_name
  20: bool as_bool
}

struct TensorArgument {
  10: string name
}

union OptionalTensorArgument {
  20: string as_tensor
  10: bool as_none (json.unit = "always")
}

struct GraphArgument {
  10: string name
  20: Graph & graph
}

struct CustomObjArgument {
  1000: binary blob
}

union Argument {
  10: bool as_none (json.unit = "always")
  20: TensorArgument as_tensor
  30: list<TensorArgument> as_tensors
  50: i64 as_int
  70: list<i64> as_ints
  80: double as_float
  90: list<double> as_floats
  100: string as_string
  101: list<string> as_strings
  110: SymIntArgument as_sym_int
  120: list<SymIntArgument> as_sym_ints
  130: ScalarType as_scalar_type
  140: MemoryFormat as_memory_format
  150: Layout as_layout
  160: Device as_device
  170: bool as_bool
  180: list<bool> as_bools
  182: SymBoolArgument as_sym_bool
  184: list<SymBoolArgument> as_sym_bools
  200: GraphArgument as_graph
  190: list<OptionalTensorArgument> as_optional_tensors
  210: CustomObjArgument as_custom_obj
}

struct NamedArgument {
  10: string name
  20: Argument arg
}

struct Node {
  10: string target
  20: list<NamedArgument> inputs
  30: list<Argument> outputs
  40: map<string, string> metadata
}

struct TensorValue {
  1000: TensorMeta meta
}

struct Graph {
  10: list<Argument> inputs
  20: list<Argument> outputs
  30: list<Node> nodes
  40: map<string, TensorValue> tensor_values
  50: map<string, SymInt> sym_int_values
  60: map<string, SymBool> sym_bool_values
  70: optional bool is_single_tensor_return (default = "false")
  1000: optional map<string, binary> constants (default = "{}")
}

struct BackwardSignature {
  1000: map<string, string> gradients_to_parameters
  1010: map<string, string> gradients_to_user_inputs
  1020: string loss_output
}

struct GraphSignature {
  1000: map<string, string> inputs_to_parameters
  1010: map<string, string> inputs_to_buffers
  1020: list<string> user_inputs
  1030: list<string> user_outputs
  1040: map<string, string> buffers_to_mutate
  1050: optional BackwardSignature backward_signature (json.null_key = "true")
}

struct CallSpec {
  1000: string in_spec
  1010: string out_spec
}

struct RangeConstraint {
  10: i64 min_val
  20: i64 max_val
}

struct ModuleCallSignature {
  10: list<Argument> inputs
  20: list<Argument> outputs
  30: string in_spec
  40: string out_spec
}

struct ModuleCallEntry {
  10: string fqn
  30: optional ModuleCallSignature signature (default = "null")
}

struct GraphModule {
  10: Graph graph
  50: GraphSignature signature
  1000: CallSpec call_spec
  60: list<ModuleCallEntry> module_call_graph
}

struct ExportedProgram {
  10: GraphModule graph_module
  20: map<string, i64> opset_version
  30: map<string, RangeConstraint> range_constraints
  1000: list<bool> equality_constraints
  60: i64 schema_version
  1010: optional bool example_inputs (json.null_key = "true", json.unit = "always")
}
