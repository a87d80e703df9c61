/* SPDX-License-Identifier: Apache-2.0 */
/* A client of the exchange service in C++, with Apache's library and code generated from our IDL: an example, and a
 * peer of the tests.
 *
 *   exchange_client SOCKET list
 *   exchange_client SOCKET nodes PROGRAM          targets of the nodes, of the program as Thrift compact
 *   exchange_client SOCKET tensor PROGRAM FQN     the elements to standard output
 *   exchange_client SOCKET payloads PROGRAM RECORD  names and files of a list of payloads, in order of the names
 *   exchange_client SOCKET store FILE NAME SHA256 [BASE RECORD TYPE]
 *                                                 SHA256 is hexadecimal; with BASE, FILE is a struct that takes the
 *                                                 place of RECORD
 *
 * The IDL's `Graph & graph` is what the C++ generator needs for the one circle of types; see docs/apache-thrift.md.
 */
#include "Exchange.h"
#include "export_schema_types.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

using namespace apache::thrift;
using pt2::exchange::ExchangeClient;

/* Frames of any size that the server allows, and the depth that real programs have. */
static std::shared_ptr<TConfiguration>
configuration ()
{
  return std::make_shared<TConfiguration> (INT32_MAX, INT32_MAX, 1000);
}

/* All pieces of what FETCH gives from an offset on. */
template <class Fetch>
static std::string
all_pieces (Fetch fetch)
{
  std::string bytes;
  pt2::exchange::Chunk chunk;
  do
    {
      fetch (chunk, (int64_t)bytes.size ());
      bytes += chunk.__isset.zeros ? std::string ((size_t)chunk.zeros, '\0') : chunk.data;
    }
  while ((int64_t)bytes.size () < chunk.total);
  return bytes;
}

static void
list (ExchangeClient &client)
{
  pt2::exchange::ListRequest request;
  pt2::exchange::ProgramList page;
  do
    {
      client.programs (page, request);
      for (const auto &entry : page.programs)
        std::cout << entry.name << " " << entry.kind << " " << entry.bytes << "\n";
      request.__set_after (page.last);
    }
  while (page.__isset.last);
}

/* A struct of the schema. Only from a server that you trust: Thrift's reader checks little. */
template <class T>
static T
from_compact (std::string bytes)
{
  auto memory = std::make_shared<transport::TMemoryBuffer> ((uint8_t *)bytes.data (), (uint32_t)bytes.size (),
                                                            transport::TMemoryBuffer::OBSERVE, configuration ());
  protocol::TCompactProtocol protocol (memory);
  T value;
  value.read (&protocol);
  return value;
}

static void
nodes (ExchangeClient &client, const std::string &name)
{
  std::string bytes = all_pieces ([&] (pt2::exchange::Chunk &chunk, int64_t offset) {
    pt2::exchange::ProgramFetch request;
    request.program = name;
    request.__set_offset (offset);
    client.fetchProgram (chunk, request);
  });
  for (const auto &node : from_compact<pt2::thrift::ExportedProgram> (bytes).graph_module.graph.nodes)
    std::cout << node.target << "\n";
}

static void
payloads (ExchangeClient &client, const std::string &name, const std::string &record)
{
  std::string bytes = all_pieces ([&] (pt2::exchange::Chunk &chunk, int64_t offset) {
    pt2::exchange::StructFetch request;
    request.program = name;
    request.record = record;
    request.__set_type ("PayloadConfig");
    request.__set_offset (offset);
    client.fetchStruct (chunk, request);
  });
  for (const auto &entry : from_compact<pt2::thrift::PayloadConfig> (bytes).config)
    std::cout << entry.first << " " << entry.second.path_name << "\n";
}

static void
tensor (ExchangeClient &client, const std::string &name, const std::string &fqn)
{
  std::cout << all_pieces ([&] (pt2::exchange::Chunk &chunk, int64_t offset) {
    pt2::exchange::TensorFetch request;
    request.program = name;
    request.fqn = fqn;
    request.__set_offset (offset);
    client.fetchTensor (chunk, request);
  });
}

static std::string
from_hex (const std::string &hex)
{
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size (); i += 2)
    bytes += (char)std::stoi (hex.substr (i, 2), nullptr, 16);
  return bytes;
}

static void
store (ExchangeClient &client, pt2::exchange::StoreRequest announced, const char *path, const std::string &name,
       const std::string &sha256)
{
  std::ifstream file (path, std::ios::binary);
  std::string data{ std::istreambuf_iterator<char> (file), {} };
  announced.__set_name (name);
  announced.bytes = (int64_t)data.size ();
  announced.sha256 = from_hex (sha256);
  pt2::exchange::StoreState state;
  client.storeBegin (state, announced);
  while (!state.known && state.offset < (int64_t)data.size ())
    {
      pt2::exchange::StoreChunkRequest piece;
      piece.upload = state.upload;
      piece.offset = state.offset;
      piece.data = data.substr ((size_t)state.offset, 1 << 20);
      client.storeChunk (state, piece);
    }
  pt2::exchange::StoreEndRequest end;
  pt2::exchange::StoreResult result;
  end.upload = state.upload;
  client.storeEnd (result, end);
  std::cout << result.entry.name << " " << (result.known ? "known" : "new") << "\n";
}

static pt2::exchange::StoreRequest
struct_of (const char *base, const char *record, const char *type)
{
  pt2::exchange::StoreRequest announced;
  announced.__set_kind (pt2::exchange::StoreKind::STRUCT);
  announced.__set_base (base);
  announced.__set_record (record);
  announced.__set_type (type);
  return announced;
}

int
main (int argc, char **argv)
{
  std::string method = argc > 2 ? argv[2] : "";
  try
    {
      auto socket = std::make_shared<transport::TSocket> (std::string (argc > 1 ? argv[1] : ""), configuration ());
      auto framed = std::make_shared<transport::TFramedTransport> (socket, configuration ());
      framed->setMaxFrameSize (INT32_MAX);
      ExchangeClient client (std::make_shared<protocol::TCompactProtocol> (framed));
      framed->open ();
      if (method == "list" && argc == 3)
        list (client);
      else if (method == "nodes" && argc == 4)
        nodes (client, argv[3]);
      else if (method == "tensor" && argc == 5)
        tensor (client, argv[3], argv[4]);
      else if (method == "payloads" && argc == 5)
        payloads (client, argv[3], argv[4]);
      else if (method == "store" && argc == 6)
        store (client, {}, argv[3], argv[4], argv[5]);
      else if (method == "store" && argc == 9)
        store (client, struct_of (argv[6], argv[7], argv[8]), argv[3], argv[4], argv[5]);
      else
        std::cerr << "exchange_client SOCKET list | nodes PROGRAM | tensor PROGRAM FQN | payloads PROGRAM RECORD | "
                     "store FILE NAME SHA256 [BASE RECORD TYPE]\n";
    }
  catch (const pt2::exchange::ExchangeError &error)
    {
      std::cerr << error.id << ": " << error.message << "\n";
      return 1;
    }
  catch (const TException &error)
    {
      std::cerr << error.what () << "\n";
      return 2;
    }
  return 0;
}
