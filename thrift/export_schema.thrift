// SPDX-License-Identifier: Apache-2.0
// PyTorch's serialised exported program, schema 8.20, and the files beside it.
//
// This is the one description of the data: structs, field tables, enum maps, both codecs, comparison and printing
// follow from it (gen/). A new field needs a line here and nothing else.
//
// Order. Fields stand in the order of PyTorch's JSON, which is not the order of their ids. Types stand so that each
// comes after those that it holds by value; the one circle (a graph in an argument in a node in a graph) is cut by
// the reference `Graph & graph`, which only Apache's C++ generator needs and heeds.
//
// Presence. A field without a keyword must be there. `optional` is one that may be missing; `default` is then the
// JSON text of the value that a reader assumes. It is an annotation and no Thrift default, since a Thrift default
// on an optional field makes Apache's C++ write fields that the program does not have.
//
// Annotations:
//   default = TEXT           JSON text of the value of a missing field
//   json.null_key = "true"   may be null, but PyTorch demands the key itself: always written, missing is an error
//   json.unit = "8.N"        a bool that only says "this one"; files up to 8.N write it as `[]`, later ones as `true`
//   since = "8.N"            the minor that brought the field, member, value or type; without it: 8.1 or older
//   since_after = "8.N"      the last minor known to lack it, where it is known to lie between the two only
//   torch = "float32"        PyTorch's name of an enum value
//   renumbered, old_numbers  in files older than `renumbered`, number i stood for today's old_numbers[i]
// docs/schema-versions.md says where the minors come from.
//
// Field id 32767 is taken in every struct and union: libpt2 keeps in it, as binary, the JSON keys that this schema
// does not name, so that they survive the way through compact. Other readers skip it, as they skip any unknown field.

namespace c_glib Pt2Thrift
namespace cpp pt2.thrift
namespace py pt2_thrift

/** What the elements of a tensor are. The numbers are the schema's own, not those of c10. */
enum ScalarType {
  /** No type; a program that uses it is not valid. */
  UNKNOWN = 0
  /** Unsigned, 8 bits. */
  BYTE = 1 (torch = "uint8")
  /** Signed, 8 bits. */
  CHAR = 2 (torch = "int8")
  /** Signed, 16 bits. */
  SHORT = 3 (torch = "int16")
  /** Signed, 32 bits. */
  INT = 4 (torch = "int32")
  /** Signed, 64 bits. */
  LONG = 5 (torch = "int64")
  /** IEEE half precision, 16 bits. */
  HALF = 6 (torch = "float16")
  /** IEEE single precision, 32 bits. */
  FLOAT = 7 (torch = "float32")
  /** IEEE double precision, 64 bits. */
  DOUBLE = 8 (torch = "float64")
  /** Two halves: real, imaginary. */
  COMPLEXHALF = 9 (torch = "complex32")
  /** Two singles: real, imaginary. */
  COMPLEXFLOAT = 10 (torch = "complex64")
  /** Two doubles: real, imaginary. */
  COMPLEXDOUBLE = 11 (torch = "complex128")
  /** True or false, one byte each. */
  BOOL = 12 (torch = "bool")
  /** The upper 16 bits of a single. */
  BFLOAT16 = 13 (torch = "bfloat16")
  /** Unsigned, 16 bits. */
  UINT16 = 28 (torch = "uint16")
  /** 8 bits: 4 of exponent, 3 of mantissa, no infinities. */
  FLOAT8E4M3FN = 29 (torch = "float8_e4m3fn", since = "8.3", since_after = "8.2")
  /** 8 bits: 5 of exponent, 2 of mantissa. */
  FLOAT8E5M2 = 30 (torch = "float8_e5m2", since = "8.3", since_after = "8.2")
  /** As FLOAT8E4M3FN, with another bias and without negative zero. */
  FLOAT8E4M3FNUZ = 31 (torch = "float8_e4m3fnuz", since = "8.10", since_after = "8.8")
  /** As FLOAT8E5M2, with another bias, without infinities and negative zero. */
  FLOAT8E5M2FNUZ = 32 (torch = "float8_e5m2fnuz", since = "8.10", since_after = "8.8")
  /** 8 bits of exponent and nothing else: powers of two, for scales. */
  FLOAT8E8M0FNU = 33 (torch = "float8_e8m0fnu", since = "8.18")
  /** Unsigned, 32 bits. */
  UINT32 = 34 (torch = "uint32", since = "8.20")
  /** Unsigned, 64 bits. */
  UINT64 = 35 (torch = "uint64", since = "8.20")
}

/** How a tensor's elements are laid out. */
enum Layout {
  /** No layout; a program that uses it is not valid. */
  Unknown = 0
  /** Sparse: coordinates and values. */
  SparseCoo = 1 (torch = "sparse_coo")
  /** Sparse: compressed rows. */
  SparseCsr = 2 (torch = "sparse_csr")
  /** Sparse: compressed columns. */
  SparseCsc = 3 (torch = "sparse_csc")
  /** Sparse: compressed rows of blocks. */
  SparseBsr = 4 (torch = "sparse_bsr")
  /** Sparse: compressed columns of blocks. */
  SparseBsc = 5 (torch = "sparse_bsc")
  /** The form of the oneDNN library, opaque. */
  _mkldnn = 6 (torch = "_mkldnn")
  /** Dense: a stride per dimension. */
  Strided = 7 (torch = "strided")
}

/** The order of dimensions that an operator is asked to write its result in. */
enum MemoryFormat {
  /** No format; a program that uses it is not valid. */
  Unknown = 0
  /** The last dimension varies fastest. */
  ContiguousFormat = 1 (torch = "contiguous_format")
  /** Four dimensions, channels fastest. */
  ChannelsLast = 2 (torch = "channels_last")
  /** Five dimensions, channels fastest. */
  ChannelsLast3d = 3 (torch = "channels_last_3d")
  /** As the operand has it. */
  PreserveFormat = 4 (torch = "preserve_format")
}

/** How an input is passed to its operator. Files of 8.4 and 8.5 count from POSITIONAL. */
enum ArgumentKind {
  /** Not said. */
  UNKNOWN = 0 (since = "8.6")
  /** By its place. */
  POSITIONAL = 1
  /** By its name. */
  KEYWORD = 2
} (since = "8.5", since_after = "8.3", renumbered = "8.6", old_numbers = "1,2")

/** Where a tensor lives. */
struct Device {
  /** Kind of device: "cpu", "cuda", "meta" and so on. */
  10: string type
  /** Which of that kind; null: the current one. */
  20: optional i64 index (default = "null")
}

/** The value that a symbolic expression had while the program was traced. */
union SymExprHint {
  /** Of an integer expression. */
  10: i64 as_int
  /** Of a boolean expression. */
  20: bool as_bool
  /** Of a real expression. */
  30: double as_float
}

/** An expression over the program's symbols. */
struct SymExpr {
  /** The expression as text, in the form that sympy's srepr gives, such as Symbol('s77', integer=True). */
  10: string expr_str
  /** Its value while tracing; null if there was none. */
  20: optional SymExprHint hint (default = "null")
}

/** An integer, or an expression that gives one. */
union SymInt {
  /** An expression. */
  10: SymExpr as_expr
  /** A number. */
  20: i64 as_int
}

/** A real number, or an expression that gives one. */
union SymFloat {
  /** An expression. */
  10: SymExpr as_expr
  /** A number. */
  20: double as_float
} (since = "8.2")

/** A truth value, or an expression that gives one. */
union SymBool {
  /** An expression. */
  10: SymExpr as_expr
  /** A truth value. */
  20: bool as_bool
}

/** What is known of a tensor without its elements. */
struct TensorMeta {
  /** Type of the elements. */
  10: ScalarType dtype
  /** Size of each dimension. */
  20: list<SymInt> sizes
  /** Whether gradients flow into it. */
  30: bool requires_grad
  /** Where it lives. */
  40: Device device
  /** Elements between neighbours, for each dimension. */
  50: list<SymInt> strides
  /** Elements in the storage before the first of this tensor. */
  60: SymInt storage_offset
  /** How the elements are laid out. */
  70: Layout layout
}

/** An integer that is passed to, or comes out of, a node. */
union SymIntArgument {
  /** Name of a value in Graph.sym_int_values. */
  10: string as_name
  /** A number. */
  20: i64 as_int
}

/** A real number that is passed to, or comes out of, a node. */
union SymFloatArgument {
  /** Name of a value in Graph.sym_float_values. */
  10: string as_name
  /** A number. */
  20: double as_float
} (since = "8.2")

/** A truth value that is passed to, or comes out of, a node. */
union SymBoolArgument {
  /** Name of a value in Graph.sym_bool_values. */
  10: string as_name
  /** A truth value. */
  20: bool as_bool
}

/** A tensor, by name. */
struct TensorArgument {
  /** Name of a value in Graph.tensor_values. */
  10: string name
}

/** A token that orders effects, by name. */
struct TokenArgument {
  /** Name of the token; tokens have no entry among the graph's values. */
  10: string name
}

/** A tensor, or nothing, in a list of such. */
union OptionalTensorArgument {
  /** The tensor. */
  20: TensorArgument as_tensor
  /** Nothing. */
  10: bool as_none (json.unit = "8.1")
}

/** A script object, by name. */
struct CustomObjArgument {
  /** Name of a value in Graph.custom_obj_values. */
  10: string name
  /** Qualified name of the object's class. */
  20: string class_fqn
}

/** A complex number. */
struct ComplexValue {
  /** Real part. */
  10: double real
  /** Imaginary part. */
  20: double imag
} (since = "8.14", since_after = "8.10")

/** A whole graph as the argument of a node, as the branches of a condition are. */
struct GraphArgument {
  /** Name of the attribute that held the subgraph's module. */
  10: string name
  /** The graph. */
  20: Graph & graph
}

/** Whatever a node can take or give. */
union Argument {
  /** Nothing. */
  10: bool as_none (json.unit = "8.1")
  /** A tensor. */
  20: TensorArgument as_tensor
  /** A list of tensors. */
  30: list<TensorArgument> as_tensors
  /** An integer. */
  50: i64 as_int
  /** A list of integers. */
  70: list<i64> as_ints
  /** A real number. */
  80: double as_float
  /** A list of real numbers. */
  90: list<double> as_floats
  /** Text. */
  100: string as_string
  /** A list of texts. */
  101: list<string> as_strings
  /** An integer that may be symbolic. */
  110: SymIntArgument as_sym_int
  /** A list of integers, some of which are symbolic. */
  120: list<SymIntArgument> as_sym_ints
  /** A type of elements. */
  130: ScalarType as_scalar_type
  /** A memory format. */
  140: MemoryFormat as_memory_format
  /** A layout. */
  150: Layout as_layout
  /** A device. */
  160: Device as_device
  /** A truth value. */
  170: bool as_bool
  /** A list of truth values. */
  180: list<bool> as_bools
  /** A truth value that may be symbolic. */
  182: SymBoolArgument as_sym_bool
  /** A list of truth values, some of which are symbolic. */
  184: list<SymBoolArgument> as_sym_bools
  /** A graph. */
  200: GraphArgument as_graph
  /** A list of tensors, some of which are missing. */
  190: list<OptionalTensorArgument> as_optional_tensors
  /** A script object. */
  210: CustomObjArgument as_custom_obj
  /** Name of an operator. */
  220: string as_operator
  /** A real number that may be symbolic. */
  230: SymFloatArgument as_sym_float (since = "8.2")
  /** A list of real numbers, some of which are symbolic. */
  240: list<SymFloatArgument> as_sym_floats (since = "8.2")
  /** A tensor that may be missing. PyTorch's Python neither writes nor reads it, its C++ does. */
  250: OptionalTensorArgument as_optional_tensor (since = "8.8")
  /** A complex number. */
  260: ComplexValue as_complex (since = "8.14", since_after = "8.10")
  /** A list of lists of tensors. */
  270: list<list<TensorArgument>> as_nested_tensors (since = "8.17")
  /** A list of lists of integers. */
  280: list<list<i64>> as_int_lists (since = "8.15", since_after = "8.10")
  /** Arguments by name. */
  290: map<string, Argument> as_string_to_argument (since = "8.15")
  /** A list of lists of real numbers. */
  300: list<list<double>> as_float_lists (since = "8.19")
}

/** An input of a node. */
struct NamedArgument {
  /** Name of the operator's parameter; empty if it has none. */
  10: string name
  /** What is passed. */
  20: Argument arg
  /** Whether it is passed by place or by name. */
  30: optional ArgumentKind kind (default = "null", since = "8.5", since_after = "8.3")
}

/** One call of an operator. */
struct Node {
  /** What is called: an operator such as torch.ops.aten.add.Tensor, or a function of Python's operator module. */
  10: string target
  /** What it is given, in the order of the call. */
  20: list<NamedArgument> inputs
  /** What it gives. */
  30: list<Argument> outputs
  /** Notes for people and tools: stack trace, module stack, origin. Some values are JSON or lists within the text. */
  40: map<string, string> metadata
  /** Calls of subgraphs only: whether the one tensor that comes out is bare and not in a tuple. */
  50: optional bool is_hop_single_tensor_return (default = "null", since = "8.5", since_after = "8.3")
  /** Name of the node in the graph that was saved. */
  60: optional string name (default = "null", since = "8.16")
}

/** Values and the calls that make them, in order of execution. */
struct Graph {
  /** What goes in; InputSpec says what each is. */
  10: list<Argument> inputs
  /** What comes out; OutputSpec says what each is. */
  20: list<Argument> outputs
  /** The calls. */
  30: list<Node> nodes
  /** Every tensor of the graph, by name. */
  40: map<string, TensorMeta> tensor_values
  /** Every symbolic integer, by name. */
  50: map<string, SymInt> sym_int_values
  /** Every symbolic truth value, by name. */
  60: map<string, SymBool> sym_bool_values
  /** Subgraphs: whether the one tensor that comes out is bare and not in a tuple. */
  70: optional bool is_single_tensor_return (default = "false")
  /** Every script object, by name. */
  80: optional map<string, CustomObjArgument> custom_obj_values (default = "{}")
  /** Every symbolic real number, by name. */
  90: optional map<string, SymFloat> sym_float_values (default = "{}", since = "8.2")
}

/** An input that the caller gives. */
struct UserInputSpec {
  /** The graph's input; not always a tensor. */
  10: Argument arg
}

/** A constant among the inputs, known since the export. */
union ConstantValue {
  /** None. */
  10: bool as_none (json.unit = "8.1")
  /** An integer. */
  20: i64 as_int
  /** A real number. */
  30: double as_float
  /** Text. */
  40: string as_string
  /** A truth value. */
  50: bool as_bool
}

/** An input that always has the same plain value. */
struct InputToConstantInputSpec {
  /** Name of the input. */
  10: string name
  /** Its value. */
  20: ConstantValue value
}

/** An input that is a parameter of the module. */
struct InputToParameterSpec {
  /** The graph's input. */
  10: TensorArgument arg
  /** Qualified name of the parameter in the state dictionary. */
  20: string parameter_name
}

/** An input that is a buffer of the module. */
struct InputToBufferSpec {
  /** The graph's input. */
  10: TensorArgument arg
  /** Qualified name of the buffer. */
  20: string buffer_name
  /** Whether the state dictionary has it; else the constants have. */
  30: bool persistent
}

/** An input that is a tensor which the export lifted out of the code. */
struct InputToTensorConstantSpec {
  /** The graph's input. */
  10: TensorArgument arg
  /** Name of the tensor among the constants. */
  20: string tensor_constant_name
}

/** An input that is a script object. */
struct InputToCustomObjSpec {
  /** The graph's input. */
  10: CustomObjArgument arg
  /** Name of the object among the constants. */
  20: string custom_obj_name
}

/** An input that is a token. */
struct InputTokenSpec {
  /** The graph's input. */
  10: TokenArgument arg
}

/** What one input of the graph is. */
union InputSpec {
  /** Given by the caller. */
  10: UserInputSpec user_input
  /** A parameter. */
  20: InputToParameterSpec parameter
  /** A buffer. */
  30: InputToBufferSpec buffer
  /** A lifted tensor. */
  40: InputToTensorConstantSpec tensor_constant
  /** A script object. */
  50: InputToCustomObjSpec custom_obj
  /** A token that orders effects. */
  70: InputTokenSpec token
  /** A plain value, fixed by the export. */
  60: InputToConstantInputSpec constant_input
}

/** An output that the caller gets. */
struct UserOutputSpec {
  /** The graph's output; not always a tensor. */
  10: Argument arg
}

/** The output that training minimises. */
struct LossOutputSpec {
  /** The graph's output. */
  10: TensorArgument arg
}

/** An output that is the new value of a buffer. */
struct BufferMutationSpec {
  /** The graph's output. */
  10: TensorArgument arg
  /** Qualified name of the buffer. */
  20: string buffer_name
}

/** An output that is the new value of a parameter. */
struct ParameterMutationSpec {
  /** The graph's output. */
  10: TensorArgument arg
  /** Qualified name of the parameter. */
  20: string parameter_name
} (since = "8.10", since_after = "8.8")

/** An output that is the gradient of a parameter. */
struct GradientToParameterSpec {
  /** The graph's output. */
  10: TensorArgument arg
  /** Qualified name of the parameter. */
  20: string parameter_name
}

/** An output that is the gradient of something the caller gave. */
struct GradientToUserInputSpec {
  /** The graph's output. */
  10: TensorArgument arg
  /** Name of the input. */
  20: string user_input_name
}

/** An output that is the new value of something the caller gave. */
struct UserInputMutationSpec {
  /** The graph's output. */
  10: TensorArgument arg
  /** Name of the input. */
  20: string user_input_name
}

/** An output that is a token. */
struct OutputTokenSpec {
  /** The graph's output. */
  10: TokenArgument arg
}

/** What one output of the graph is. */
union OutputSpec {
  /** Goes to the caller. */
  10: UserOutputSpec user_output
  /** The loss. */
  20: LossOutputSpec loss_output
  /** New value of a buffer. */
  30: BufferMutationSpec buffer_mutation
  /** Gradient of a parameter. */
  40: GradientToParameterSpec gradient_to_parameter
  /** Gradient of an input. */
  50: GradientToUserInputSpec gradient_to_user_input
  /** New value of an input. */
  60: UserInputMutationSpec user_input_mutation
  /** A token that orders effects. */
  70: OutputTokenSpec token
  /** New value of a parameter. */
  80: ParameterMutationSpec parameter_mutation (since = "8.10", since_after = "8.8")
}

/** What each input and output of the graph is, in the order of Graph.inputs and Graph.outputs. */
struct GraphSignature {
  /** One for each input. */
  10: list<InputSpec> input_specs
  /** One for each output. */
  20: list<OutputSpec> output_specs
}

/** Between which values a symbol lies; both ends belong to the range. */
struct RangeConstraint {
  /** Smallest value; null: no bound. */
  10: optional i64 min_val (json.null_key = "true")
  /** Largest value; null: no bound. */
  20: optional i64 max_val (json.null_key = "true")
}

/** How a module is called from outside the graph. */
struct ModuleCallSignature {
  /** The flat inputs. */
  10: list<Argument> inputs
  /** The flat outputs. */
  20: list<Argument> outputs
  /** JSON text: the tree of positional and keyword arguments that the flat inputs come from. */
  30: string in_spec
  /** JSON text: the tree that the flat outputs are put into. */
  40: string out_spec
  /** Names of the parameters of the module's forward function; null: not recorded. */
  50: optional list<string> forward_arg_names (default = "null")
}

/** A module of the hierarchy that was exported. */
struct ModuleCallEntry {
  /** Qualified name; empty for the whole. */
  10: string fqn
  /** How it is called; null if that was not asked to be kept. */
  30: optional ModuleCallSignature signature (default = "null")
}

/** A named tuple that a tree spec mentions. */
struct NamedTupleDef {
  /** Names of its fields. */
  10: list<string> field_names
} (since = "8.7")

/** The graph with all that belongs to it. */
struct GraphModule {
  /** The graph. */
  10: Graph graph
  /** What its inputs and outputs are. */
  50: GraphSignature signature
  /** The modules that the graph was made of; the first entry is the whole. */
  60: list<ModuleCallEntry> module_call_graph
  /** Notes of whoever exported it; the value of "custom" is JSON. */
  40: optional map<string, string> metadata (default = "{}")
  /** Fields of the named tuples in the tree specs, by the qualified name of the type. */
  70: optional map<string, NamedTupleDef> treespec_namedtuple_fields (default = "{}", since = "8.7")
}

/** Which schema a program follows. */
struct SchemaVersion {
  /** Readers refuse another major. */
  10: i64 major
  /** Additions within the major. */
  20: i64 minor
}

/** A program as torch.export.save writes it. */
struct ExportedProgram {
  /** The graph and its signature. */
  10: GraphModule graph_module
  /** Version of each operator set that is used. PyTorch keeps it and never looks at it. */
  20: map<string, i64> opset_version
  /** Range of each symbol, by the symbol's name. */
  30: map<string, RangeConstraint> range_constraints
  /** The schema that the writer followed. */
  60: SchemaVersion schema_version
  /** Dialects that the program was checked against, such as TRAINING. */
  70: optional list<string> verifiers (default = "[]")
  /** Version of the PyTorch that wrote it. */
  80: optional string torch_version (default = '"<=2.4"')
  /** Python conditions that the inputs must fulfil. */
  90: optional list<string> guards_code (default = "[]", since = "8.14", since_after = "8.12")
}

/** One tensor or object beside the program in an archive. */
struct PayloadMeta {
  /** File name of the record that has its bytes. */
  10: string path_name
  /** Whether it is a parameter, not a buffer or constant. */
  20: bool is_param
  /** Whether the record is a pickle, not bare bytes. */
  30: bool use_pickle
  /** Size, type and strides of the tensor; null for what is no tensor. */
  40: optional TensorMeta tensor_meta (json.null_key = "true")
} (since = "8.12", since_after = "8.10")

/** Which record holds which weight or constant: NAME_weights_config.json, NAME_constants_config.json. */
struct PayloadConfig {
  /** By qualified name. */
  10: map<string, PayloadMeta> config
} (since = "8.12", since_after = "8.10")

/** What the runtime of a model compiled ahead of time needs to know. */
struct AOTInductorModelPickleData {
  /** File name of the compiled library. */
  1: string library_basename
  /** Names of the inputs. */
  2: list<string> input_names
  /** Names of the outputs. */
  3: list<string> output_names
  /** Number of the type that real inputs are turned into; null: none. */
  4: optional i64 floating_point_input_dtype (default = "null")
  /** Number of the type that real outputs are turned into; null: none. */
  5: optional i64 floating_point_output_dtype (default = "null")
  /** Whether it runs on the processor. */
  6: optional bool aot_inductor_model_is_cpu (default = "null")
} (since = "8.7", since_after = "8.6")

/** A call that compiled code leaves to an operator outside it. */
struct ExternKernelNode {
  /** Name by which the compiled code refers to it. */
  10: string name
  /** The call. */
  20: Node node
} (since = "8.7", since_after = "8.6")

/** All such calls of a compiled model. */
struct ExternKernelNodes {
  /** The calls. */
  10: list<ExternKernelNode> nodes
} (since = "8.7", since_after = "8.6")
