/* SPDX-License-Identifier: Apache-2.0 */
/* Apache Thrift's C++ library as a peer: reads every file of a folder and writes it again, in the same protocol or
 * another.
 *
 *   cpp_peer TYPE compact|binary compact|binary IN-FOLDER OUT-FOLDER
 *
 * Maps come out sorted by key.
 */
#include "export_schema_types.h"
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

using apache::thrift::TConfiguration;
using apache::thrift::protocol::TBinaryProtocol;
using apache::thrift::protocol::TCompactProtocol;
using apache::thrift::protocol::TProtocol;
using apache::thrift::transport::TMemoryBuffer;

namespace
{
/* The default of 64 levels is a few subgraphs short. */
std::shared_ptr<TConfiguration>
roomy ()
{
  return std::make_shared<TConfiguration> (INT32_MAX, INT32_MAX, 10000);
}

std::string
read_file (const std::filesystem::path &path)
{
  std::ifstream file (path, std::ios::binary);
  if (!file)
    throw std::runtime_error ("cannot be read");
  return std::string (std::istreambuf_iterator<char> (file), {});
}

using MakeProtocol = std::unique_ptr<TProtocol> (*) (std::shared_ptr<TMemoryBuffer>);

template <class P>
std::unique_ptr<TProtocol>
make_protocol (std::shared_ptr<TMemoryBuffer> bytes)
{
  return std::make_unique<P> (bytes);
}

const std::map<std::string, MakeProtocol> protocols = {
  { "compact", make_protocol<TCompactProtocol> },
  { "binary", make_protocol<TBinaryProtocol> },
};

template <class T>
std::string
rewrite (std::string bytes, MakeProtocol from, MakeProtocol to)
{
  auto in = std::make_shared<TMemoryBuffer> (reinterpret_cast<uint8_t *> (&bytes[0]),
                                             static_cast<uint32_t> (bytes.size ()), TMemoryBuffer::OBSERVE, roomy ());
  T value;
  value.read (from (in).get ());
  if (in->available_read () != 0)
    throw std::runtime_error ("bytes after the struct");
  auto out = std::make_shared<TMemoryBuffer> (4096, roomy ());
  value.write (to (out).get ());
  return out->getBufferAsString ();
}

using Rewrite = std::string (*) (std::string, MakeProtocol, MakeProtocol);

const std::map<std::string, Rewrite> types = {
  { "ExportedProgram", rewrite<pt2::thrift::ExportedProgram> },
  { "PayloadConfig", rewrite<pt2::thrift::PayloadConfig> },
  { "AOTInductorModelPickleData", rewrite<pt2::thrift::AOTInductorModelPickleData> },
  { "ExternKernelNodes", rewrite<pt2::thrift::ExternKernelNodes> },
};

template <class Turn>
int
turn_folder (Turn turn, const std::filesystem::path &in, const std::filesystem::path &out)
{
  int failed = 0;
  for (const auto &entry : std::filesystem::directory_iterator (in))
    try
      {
        std::string bytes = turn (read_file (entry.path ()));
        std::ofstream (out / entry.path ().filename (), std::ios::binary) << bytes;
      }
    catch (const std::exception &error)
      {
        std::cerr << entry.path ().string () << ": " << error.what () << '\n';
        failed++;
      }
  return failed;
}
}

int
main (int argc, char **argv)
{
  const std::vector<std::string> words (argv + 1, argv + argc);
  if (words.size () != 5 || !types.count (words[0]) || !protocols.count (words[1]) || !protocols.count (words[2]))
    {
      std::cerr << "cpp_peer TYPE compact|binary compact|binary IN-FOLDER OUT-FOLDER\n";
      return 2;
    }
  const auto turn = [&] (const std::string &bytes) {
    return types.at (words[0]) (bytes, protocols.at (words[1]), protocols.at (words[2]));
  };
  return turn_folder (turn, words[3], words[4]) == 0 ? 0 : 1;
}
