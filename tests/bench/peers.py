# SPDX-License-Identifier: Apache-2.0
"""Who is measured: finds the peers' programs, runs one measurement of one of them, and says who is not installed."""
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SYSTEM_PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable

# peer -> (program in BUILD/tests/bench, what it does, corpora beyond this many nodes are too slow or too big for it)
PROGRAMS = {
    "libpt2": ("bench_pt2", ("decode", "cold", "encode", "load", "load-cold", "dump"), 10**9),
    "thrift-cpp": ("bench_thrift", ("decode", "cold", "encode"), 10**5),
    "thrift-cpp-templates": ("bench_thrift_templates", ("decode", "cold", "encode"), 10**5),
    "c-glib": ("bench_c_glib", ("decode",), 10**3),
    "c-glib-cursor": ("bench_c_glib", ("decode",), 10**4),
    "simdjson": ("bench_simdjson", ("load",), 10**5),
}
PYTHON = {
    "thrift-python": ("thrift", ("decode", "encode"), 10**4),
    "python-json": ("json", ("load", "dump"), 10**5),
}
# Freed memory stays with the process, as it does anyhow where little is taken.
KEPT_MEMORY = {"GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=1099511627776:glibc.malloc.trim_threshold=1099511627776"}
TORCH_PYTHON = ("torch", ("load",), 10**3)
TORCH_CPP = ("bench_torch", ("load", "dump"), 10**4)


class Peers:
    def __init__(self, build, work, torch_python=None, timeout=900):
        self.programs = os.path.join(build, "tests", "bench")
        self.generated = os.path.join(self.programs, "py")
        self.timeout = timeout
        self.commands = {}  # peer -> (command words, whats, most nodes)
        self.missing = {}  # peer -> why
        self.versions = {}
        for peer, (program, whats, most) in PROGRAMS.items():
            self.find_program(peer, program, whats, most)
        self.find_python()
        self.find_torch(torch_python, work)

    def find_program(self, peer, program, whats, most):
        path = os.path.join(self.programs, program)
        if os.access(path, os.X_OK):
            self.commands[peer] = ([path], whats, most)
        else:
            self.missing[peer] = f"{program} is not built"

    def find_python(self):
        script = os.path.join(HERE, "bench_python.py")
        for peer, (name, whats, most) in PYTHON.items():
            self.commands[peer] = ([SYSTEM_PYTHON, script, name], whats, most)
        code = "import thrift, thrift.protocol.fastbinary"
        if not os.path.isdir(self.generated) or self.quiet([SYSTEM_PYTHON, "-c", code]) is None:
            del self.commands["thrift-python"]
            self.missing["thrift-python"] = "python3-thrift is not installed"
        self.versions["python"] = (self.quiet([SYSTEM_PYTHON, "--version"]) or "").strip()
        self.versions["thrift"] = (self.quiet(["thrift", "--version"]) or "").strip()

    def find_torch(self, python, work):
        code = "import torch; print(torch.__version__, torch.__path__[0])"
        found = self.quiet([python, "-c", code]) if python else None
        if not found:
            self.missing["torch-python"] = self.missing["torch-cpp"] = "PyTorch is not installed (--torch-python)"
            return
        version, folder = found.split()
        self.versions["torch"] = version
        self.commands["torch-python"] = ([python, os.path.join(HERE, "bench_python.py"), *TORCH_PYTHON[:1]],
                                         *TORCH_PYTHON[1:])
        program = os.path.join(work, "bench_torch")
        compiled = os.path.exists(program) or self.quiet(
            [os.environ.get("CXX", "c++"), "-O2", "-std=c++20", f"-I{HERE}", f"-I{folder}/include",
             os.path.join(HERE, "bench_torch.cpp"), "-o", program]) is not None
        if compiled:
            self.commands["torch-cpp"] = ([program], *TORCH_CPP[1:])
        else:
            self.missing["torch-cpp"] = "bench_torch.cpp does not compile against this PyTorch"

    @staticmethod
    def quiet(command):
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return None

    def can(self, peer, what, nodes):
        return peer in self.commands and what in self.commands[peer][1] and nodes <= self.commands[peer][2]

    def words(self, peer, what, path, seconds):
        command = self.commands[peer][0]
        if peer == "c-glib-cursor":
            what = "decode-cursor"
        extra = ["--generated", self.generated] if peer == "thrift-python" else []
        return command + [what, path, str(seconds)] + extra

    def measure(self, peer, what, path, seconds, kept_memory=False):
        """One line of figures, or None with a note on standard error."""
        environment = {**os.environ, **KEPT_MEMORY} if kept_memory else None
        try:
            done = subprocess.run(self.words(peer, what, path, seconds), capture_output=True, text=True,
                                  timeout=self.timeout, check=True, env=environment)
            return json.loads(done.stdout)
        except (subprocess.SubprocessError, ValueError) as error:
            detail = getattr(error, "stderr", None) or ""
            print(f"{peer} {what} {os.path.basename(path)}: {error} {detail}".strip(), file=sys.stderr)
            return None

    def convert(self, source, target, peer="libpt2"):
        """JSON file -> compact file by PEER (libpt2 or thrift-python). False if that fails."""
        if peer not in self.commands:
            return False
        if peer == "libpt2":
            command = self.commands[peer][0] + ["convert", source, target]
        else:
            command = [SYSTEM_PYTHON, os.path.join(HERE, "bench_python.py"), "convert", source, target,
                       "--generated", self.generated]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(done.stderr.strip(), file=sys.stderr)
        return done.returncode == 0

    def instructions(self, peer, what, path):
        """Instructions of one cold step, counted by callgrind inside the step only; None if that fails."""
        steps = {"libpt2": ("pt2_compact_read", 2), "thrift-cpp-templates": ("(anonymous namespace)::decode(void*)", 1)}
        function, times = steps[peer]
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--toggle-collect={function}"]
        done = subprocess.run(command + self.words(peer, what, path, 0), capture_output=True, text=True, check=False)
        for line in done.stderr.splitlines():
            if "Collected :" in line:
                return int(line.split(":")[1]) / times
        return None


def machine():
    model = ""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"processor": model, "cores": os.cpu_count(), "load": os.getloadavg()[0],
            "system": " ".join(os.uname()[i] for i in (0, 2, 4)), "date": time.strftime("%Y-%m-%d")}
