/* SPDX-License-Identifier: Apache-2.0 */
/* Apache Thrift's C++ library as a peer: reads every compact file of a folder and writes it again.
 *
 *   cpp_peer TYPE IN-FOLDER OUT-FOLDER
 *
 * Maps come out sorted by key.
 */
#include "export_schema_types.h"
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

using apache::thrift::TConfiguration;
using apache::thrift::protocol::TCompactProtocol;
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

template <class T>
std::string
rewrite (std::string bytes)
{
  auto in = std::make_shared<TMemoryBuffer> (reinterpret_cast<uint8_t *> (&bytes[0]),
                                             static_cast<uint32_t> (bytes.size ()), TMemoryBuffer::OBSERVE, roomy ());
  TCompactProtocol reader (in);
  T value;
  value.read (&reader);
  if (in->available_read () != 0)
    throw std::runtime_error ("bytes after the struct");
  auto out = std::make_shared<TMemoryBuffer> (4096, roomy ());
  TCompactProtocol writer (out);
  value.write (&writer);
  return out->getBufferAsString ();
}

using Rewrite = std::string (*) (std::string);

const std::map<std::string, Rewrite> types = {
  { "ExportedProgram", rewrite<pt2::thrift::ExportedProgram> },
  { "PayloadConfig", rewrite<pt2::thrift::PayloadConfig> },
  { "AOTInductorModelPickleData", rewrite<pt2::thrift::AOTInductorModelPickleData> },
  { "ExternKernelNodes", rewrite<pt2::thrift::ExternKernelNodes> },
};

int
rewrite_folder (Rewrite rewrite, const std::filesystem::path &in, const std::filesystem::path &out)
{
  int failed = 0;
  for (const auto &entry : std::filesystem::directory_iterator (in))
    try
      {
        std::string bytes = rewrite (read_file (entry.path ()));
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
  const auto type = types.find (argc == 4 ? argv[1] : "");
  if (type == types.end ())
    {
      std::cerr << "cpp_peer TYPE IN-FOLDER OUT-FOLDER\n";
      return 2;
    }
  return rewrite_folder (type->second, argv[2], argv[3]) == 0 ? 0 : 1;
}
