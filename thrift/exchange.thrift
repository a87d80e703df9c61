// SPDX-License-Identifier: Apache-2.0
// How programs and their tensors are exchanged with a server: docs/exchange.md says how a call goes over the wire.
//
// Every method takes one struct and gives one, so that both can grow. An optional number that is absent is 0, and 0
// stands for "what the server takes by default". Whatever fails raises ExchangeError with one of libpt2's error ids.
// Sizes and offsets are bytes. A program is named by its name on the server, by its content id ("pt2h1:…"), or by the
// SHA-256 of its file ("sha256:…"). An id names what is known or in a small file; verify works out any other.

namespace c_glib Pt2Exchange
namespace cpp pt2.exchange
namespace py pt2_exchange

/** Of this interface. A server answers all requests of older versions. */
const i32 PROTOCOL_VERSION = 1

/** What went wrong. */
exception ExchangeError {
  /** One of libpt2's ids, such as "PT2-X010": docs/errors.md. */
  1: string id
  /** For people: what was expected, and the next step. */
  2: string message
  /** Record, offset or field path. */
  3: optional string place
  /** The same call may succeed later. */
  4: bool temporary
}

/** How a chunk can be checked when it arrives. */
enum Check {
  /** Not at all. */
  NONE = 0
  /** The CRC-32 that zip and gzip have: finds damage. */
  CRC32 = 1
  /** SHA-256: finds forgery too, and takes several times as long. */
  SHA256 = 2
}

/** How a program is sent. */
enum ProgramForm {
  /** Thrift compact: ExportedProgram of export_schema.thrift. */
  COMPACT = 0
  /** The same in one zstd frame. */
  COMPACT_ZST = 1
  /** PyTorch's JSON text. */
  JSON = 2
  /** The file that holds it as it is stored, weights and all. */
  STORED = 3
}

/** What is stored. */
enum StoreKind {
  /** A file by itself: an archive, or a program as JSON, compact or zstd-compressed compact. */
  FILE = 0
  /** A safetensors file whose tensors replace those of a program that is there; makes another archive. */
  WEIGHTS = 1
  /** A struct of export_schema.thrift, compact or JSON, that takes the place of a record of an archive, or is added to it;
   * makes another archive. */
  STRUCT = 2
}

/** Asks who is there. */
struct HelloRequest {
  /** Newest version that the client knows. */
  1: optional i32 protocol_version
  /** Name and version of the client, for the log. */
  2: optional string client
}

/** What the server allows. */
struct ServiceLimits {
  /** A message, either way. */
  1: i64 frame_bytes
  /** The data of a chunk. */
  2: i64 chunk_bytes
  /** A file that is stored. */
  3: i64 store_bytes
  /** Items of a list. */
  4: i32 page_items
  /** Clients at once. */
  5: i32 connections
  /** Seconds between two requests of a client. */
  6: i32 idle_seconds
  /** Seconds for a request to arrive, and for its answer to be taken. */
  7: i32 request_seconds
}

/** Who answers. */
struct ServerInfo {
  /** The version that will be spoken. */
  1: i32 protocol_version
  /** Name and version of the server. */
  2: string server
  /** Newest schema that it knows. */
  3: i64 schema_major
  /** The same. */
  4: i64 schema_minor
  /** Names of the methods it has. */
  5: list<string> methods
  /** What it allows. */
  6: ServiceLimits limits
  /** Whether stores are refused. */
  7: bool read_only
}

/** Asks for a page of the programs, in order of their names. */
struct ListRequest {
  /** Begin behind this name. */
  1: optional string after
  /** At most so many. */
  2: optional i32 limit
}

/** A file on the server. */
struct ProgramEntry {
  /** Its name. */
  1: string name
  /** What it is, as `pt2 info` says: "exported-program", "program-compact" and so on. */
  2: string kind
  /** Size of the file. */
  3: i64 bytes
  /** What `pt2 hash` says of it, or of the program that a request without `model` gets. Absent where working it out would
   * read a large file or take long, and nobody asked verify for it yet; and where it has none. */
  4: optional string content_id
  /** The programs in it; one without a name for a program by itself. */
  5: list<string> models
  /** Why it cannot be used: an error id. */
  6: optional string fault
  /** SHA-256 of the file: 32 bytes. Absent like the content id. */
  7: optional binary sha256
}

/** A page. */
struct ProgramList {
  /** In order of the names. */
  1: list<ProgramEntry> programs
  /** There are more: ask for those after this one. */
  2: optional string last
}

/** Names a program. */
struct ProgramRequest {
  /** Name or content id. */
  1: string program
  /** Which of several; absent: the only one, else the one called "model". */
  2: optional string model
}

/** A size, or the text of an expression. */
union Dimension {
  /** A number. */
  1: i64 size
  /** An expression over the program's symbols. */
  2: string expression
}

/** An input or output. */
struct SignatureItem {
  /** PyTorch's InputKind or OutputKind. */
  1: string kind
  /** The value in the graph; absent for a constant output. */
  2: optional string name
  /** Qualified name of a parameter, buffer or constant; what is mutated. */
  3: optional string target
  /** Type of the elements; absent if it is no tensor. */
  4: optional string dtype
  /** Absent if it is no tensor. */
  5: optional list<Dimension> shape
  /** Value of a constant, as JSON. */
  6: optional string constant
}

/** How often an operator is called. */
struct OperatorCount {
  /** As the program spells it. */
  1: string target
  /** Calls, subgraphs included. */
  2: i64 count
}

/** Between which values a symbol lies. */
struct SymbolRange {
  /** The symbol. */
  1: string name
  /** Smallest; absent: no bound. */
  2: optional i64 lower
  /** Largest; absent: no bound. */
  3: optional i64 upper
}

/** What a program is. */
struct Description {
  /** Its file. */
  1: ProgramEntry entry
  /** Which of several it is; empty for a program by itself. */
  2: string model
  /** Schema. */
  3: i64 schema_major
  /** Schema. */
  4: i64 schema_minor
  /** The PyTorch that wrote it. */
  5: optional string torch_version
  /** Nodes, subgraphs included. */
  6: i64 nodes
  /** Subgraphs. */
  7: i64 subgraphs
  /** Operators in order of first use. */
  8: list<OperatorCount> operators
  /** Inputs. */
  9: list<SignatureItem> inputs
  /** Outputs. */
  10: list<SignatureItem> outputs
  /** Symbols. */
  11: list<SymbolRange> ranges
  /** Tensors beside the program. */
  12: i64 tensors
  /** Content id of this program; absent as in its file's entry. */
  13: optional string content_id
}

/** Asks for a page of the tensors beside a program. */
struct TensorListRequest {
  /** Name or content id. */
  1: string program
  /** Which of several. */
  2: optional string model
  /** Begin with this one, counted from 0. */
  3: optional i64 first
  /** At most so many. */
  4: optional i32 limit
}

/** A tensor or object beside a program. */
struct TensorEntry {
  /** Qualified name. */
  1: string fqn
  /** "parameter", "buffer", "constant" or "custom-object". */
  2: string role
  /** Type of the elements; absent if it is no tensor. */
  3: optional string dtype
  /** Elements in each dimension. */
  4: list<i64> shape
  /** Bytes of its elements. */
  5: i64 bytes
  /** Why its elements cannot be had: an error id. */
  6: optional string fault
}

/** A page. */
struct TensorList {
  /** In the order of the archive. */
  1: list<TensorEntry> tensors
  /** How many there are in all. */
  2: i64 total
}

/** Asks for a part of a program. */
struct ProgramFetch {
  /** Name or content id. */
  1: string program
  /** Which of several. */
  2: optional string model
  /** How it is sent. */
  3: optional ProgramForm form
  /** Begin at this byte. */
  4: optional i64 offset
  /** At most so many. */
  5: optional i64 limit
  /** How the chunk shall be checked. */
  6: optional Check check
}

/** Asks for a part of a tensor's elements: row-major, little-endian, whatever the archive has. */
struct TensorFetch {
  /** Name or content id. */
  1: string program
  /** Which of several. */
  2: optional string model
  /** Qualified name of the tensor. */
  3: string fqn
  /** Begin at this byte. */
  4: optional i64 offset
  /** At most so many. */
  5: optional i64 limit
  /** How the chunk shall be checked. */
  6: optional Check check
}

/** Asks for a page of the records that are a struct of export_schema.thrift. */
struct StructListRequest {
  /** Names an archive. */
  1: string program
  /** Begin with this one, counted from 0. */
  2: optional i64 first
}

/** A record that is a struct. */
struct StructEntry {
  /** Its name in the archive. */
  1: string record
  /** Type: "ExportedProgram", "PayloadConfig". */
  2: string type
  /** Bytes of its text. */
  3: i64 bytes
}

/** A page. */
struct StructList {
  /** In the order of the archive. */
  1: list<StructEntry> structs
  /** How many there are in all. */
  2: i64 total
}

/** Asks for a part of a record that is a struct of export_schema.thrift. */
struct StructFetch {
  /** Names an archive. */
  1: string program
  /** The record. */
  2: string record
  /** Its type, such as "AOTInductorModelPickleData"; absent: what `structs` says. */
  3: optional string type
  /** COMPACT or JSON. */
  4: optional ProgramForm form
  /** Begin at this byte. */
  5: optional i64 offset
  /** At most so many. */
  6: optional i64 limit
  /** How the chunk shall be checked. */
  7: optional Check check
}

/** Some bytes of something longer. */
struct Chunk {
  /** The bytes; none if all are zero. */
  1: binary data
  /** So many zeros stand here instead of data. */
  2: optional i64 zeros
  /** Where they begin. */
  3: i64 offset
  /** Bytes of the whole. It changes if the program is replaced meanwhile: begin anew then. */
  4: i64 total
  /** Which whole it is: another text when the program was replaced meanwhile. */
  5: string version
  /** CRC-32 of the bytes, if asked for; the bits of an unsigned number of 32 bits. */
  6: optional i64 crc32
  /** SHA-256 of the bytes, if asked for: 32 bytes. */
  7: optional binary sha256
}

/** Announces a file. The same announcement again goes on where the last one was interrupted. */
struct StoreRequest {
  /** What it is. */
  1: optional StoreKind kind
  /** What it shall be called; absent: its SHA-256 and an ending. */
  2: optional string name
  /** Its size. */
  3: i64 bytes
  /** Its SHA-256: 32 bytes. */
  4: binary sha256
  /** Whether a file of that name is replaced. */
  5: optional bool replace
  /** WEIGHTS: the program whose tensors are replaced. STRUCT: the archive. */
  6: optional string base
  /** STRUCT: the record. */
  7: optional string record
  /** STRUCT: its type; absent: what `structs` says. */
  8: optional string type
}

/** How far a store is. */
struct StoreState {
  /** Names it in storeChunk and storeEnd. */
  1: string upload
  /** Send from this byte on. */
  2: i64 offset
  /** The content is here already: send nothing, call storeEnd. */
  3: bool known
}

/** Some bytes of a file that is stored. */
struct StoreChunkRequest {
  /** Which. */
  1: string upload
  /** Where they belong: the offset of the last StoreState. */
  2: i64 offset
  /** The bytes. */
  3: binary data
  /** CRC-32 of the bytes; refused if it is another. */
  4: optional i64 crc32
  /** SHA-256 of the bytes; refused if it is another. */
  5: optional binary sha256
}

/** Ends a store: the file is checked, and is visible when this returns. */
struct StoreEndRequest {
  /** Which. */
  1: string upload
}

/** What was stored. */
struct StoreResult {
  /** The file. */
  1: ProgramEntry entry
  /** The content was here already. */
  2: bool known
}

/** Asks for a check. */
struct VerifyRequest {
  /** Name or content id. */
  1: string program
}

/** What a check found. */
struct Finding {
  /** Error id. */
  1: string id
  /** "error", "warning" or "note". */
  2: string severity
  /** Record, offset or field path. */
  3: optional string place
  /** For people. */
  4: string message
}

/** Result of a check. */
struct VerifyReport {
  /** No finding above a note. */
  1: bool ok
  /** What was found. */
  2: list<Finding> findings
  /** Content id; absent where the program has none. */
  3: optional string content_id
  /** SHA-256 of the file: 32 bytes. */
  4: optional binary sha256
}

/** Asks what changed from one program to another. */
struct DiffRequest {
  /** Name or content id. */
  1: string older
  /** Which of several. */
  2: optional string older_model
  /** Name or content id. */
  3: string newer
  /** Which of several. */
  4: optional string newer_model
  /** Changes that do not count: "debug", "names", "order", "device". */
  5: optional list<string> ignored
  /** At most so many changes. */
  6: optional i32 limit
}

/** One change. */
struct Change {
  /** What it belongs to: "node", "input", "range" and so on. */
  1: string part
  /** "changed", "added", "removed", "renamed" or "moved". */
  2: string kind
  /** Field path in the newer program; in the older one for what was removed. */
  3: string place
  /** What stood there, as JSON; cut off if it is long. */
  4: optional string old_value
  /** What stands there. */
  5: optional string new_value
}

/** Result of a comparison. */
struct DiffReport {
  /** Nothing changed that counts. */
  1: bool same
  /** The first changes. */
  2: list<Change> changes
  /** How many there are in all. */
  3: i64 total
}

/** Asks for a program of another schema, stored beside the one it is made of. */
struct UpgradeRequest {
  /** Name or content id. */
  1: string program
  /** Minor of major 8 that the new one shall follow; absent: the newest, also from majors 1 to 7. */
  2: optional i32 minor
  /** What the new one shall be called; absent: its SHA-256 and an ending. */
  3: optional string name
  /** Whether a file of that name is replaced. */
  4: optional bool replace
}

/** Asks for nothing but what is counted. */
struct StatsRequest {
}

/** Calls of one method since the server began. */
struct MethodStats {
  /** Its name. */
  1: string method
  /** Calls. */
  2: i64 calls
  /** Those that raised an error. */
  3: i64 errors
  /** Microseconds in all. */
  4: i64 microseconds
  /** Half of the calls took at most so many microseconds, within a factor of 2. */
  5: i64 p50
  /** 99 of 100. */
  6: i64 p99
}

/** What is counted since the server began. */
struct Stats {
  /** Seconds. */
  1: double uptime
  /** Clients now. */
  2: i64 connections
  /** Clients in all. */
  3: i64 accepted
  /** Clients that were turned away or dropped: too many, too slow, no sense. */
  4: i64 dropped
  /** Bytes received. */
  5: i64 bytes_in
  /** Bytes sent. */
  6: i64 bytes_out
  /** Requests that wait for a worker. */
  7: i64 waiting
  /** Bytes of programs that are kept at hand. */
  8: i64 cache_bytes
  /** By method. */
  9: list<MethodStats> methods
}

/** Programs and tensors on a server. */
service Exchange {
  /** Who is there. */
  ServerInfo hello (1: HelloRequest request) throws (1: ExchangeError fault)
  /** A page of the programs. */
  ProgramList programs (1: ListRequest request) throws (1: ExchangeError fault)
  /** What a program is. */
  Description describe (1: ProgramRequest request) throws (1: ExchangeError fault)
  /** A page of its tensors. */
  TensorList tensors (1: TensorListRequest request) throws (1: ExchangeError fault)
  /** A part of a program. */
  Chunk fetchProgram (1: ProgramFetch request) throws (1: ExchangeError fault)
  /** A part of a tensor. */
  Chunk fetchTensor (1: TensorFetch request) throws (1: ExchangeError fault)
  /** A page of the records that are a struct of the schema. */
  StructList structs (1: StructListRequest request) throws (1: ExchangeError fault)
  /** A part of such a struct. */
  Chunk fetchStruct (1: StructFetch request) throws (1: ExchangeError fault)
  /** Begins to store a file, or goes on. */
  StoreState storeBegin (1: StoreRequest request) throws (1: ExchangeError fault)
  /** A part of it. */
  StoreState storeChunk (1: StoreChunkRequest request) throws (1: ExchangeError fault)
  /** Checks it and makes it visible. */
  StoreResult storeEnd (1: StoreEndRequest request) throws (1: ExchangeError fault)
  /** Checks a program and all that belongs to it. */
  VerifyReport verify (1: VerifyRequest request) throws (1: ExchangeError fault)
  /** What changed from one program to another. */
  DiffReport compare (1: DiffRequest request) throws (1: ExchangeError fault)
  /** Stores a program as another schema has it. */
  StoreResult upgrade (1: UpgradeRequest request) throws (1: ExchangeError fault)
  /** What is counted. */
  Stats stats (1: StatsRequest request) throws (1: ExchangeError fault)
}
