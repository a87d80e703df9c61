# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # lists are used by those that source it
# Sourced by tools/try and tools/test: installs Debian or Ubuntu packages that are missing.
# Never removes or upgrades anything, and asks for nothing when all is there.

# What building needs, and what testing needs on top.
# clang-format is fixed to one version: another one formats differently.
PACKAGES_TO_BUILD='gcc libc6-dev meson ninja-build pkg-config python3 thrift-compiler
  libglib2.0-dev libthrift-c-glib-dev libarchive-dev libssl-dev libzstd-dev zlib1g-dev libgmp-dev'
PACKAGES_TO_TEST='g++ binutils check clang-format-14 valgrind zstd unzip
  libthrift-dev libboost-dev python3-thrift python3-six python3-numpy openssl gobject-introspection libgirepository1.0-dev python3-gi'
PACKAGES_FOR_TORCH='python3-venv ca-certificates'

say () {
  printf '%s\n' "$*" >&2
}

die () {
  say "$*"
  exit 2
}

# as_root COMMAND…: as it is for root, with sudo for others.
as_root () {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    die "This needs root to run '$*'. Run it as root, or install sudo."
  fi
}

check_system () {
  local ID=unknown VERSION_ID='' PRETTY_NAME='this system'
  [ -r /etc/os-release ] && . /etc/os-release
  case "$ID-$VERSION_ID" in
    debian-12 | ubuntu-24.04) ;;
    *) say "Note: made for Debian 12 and Ubuntu 24.04; $PRETTY_NAME may name packages differently." ;;
  esac
  command -v apt-get >/dev/null 2>&1 || die "apt-get is missing: install these by hand and run again: $PACKAGES_TO_BUILD"
}

# missing_packages NAME…: prints those that are not installed.
missing_packages () {
  local name
  for name in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}\n' "$name" 2>/dev/null | grep -q '^.i' || printf '%s ' "$name"
  done
}

# install_packages LOG NAME…: apt-get's own words go to LOG; shown only if it fails.
install_packages () {
  local log=$1 missing
  shift
  check_system
  missing=$(missing_packages "$@")
  if [ -z "$missing" ]; then
    say 'All needed packages are installed.'
    return
  fi
  say "Installing: $missing"
  mkdir -p "$(dirname "$log")"
  as_root apt-get update >"$log" 2>&1 || say "Note: apt-get update had trouble ($log); going on with the lists at hand."
  # shellcheck disable=SC2086 # a list of words
  if ! as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends $missing >>"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    die "apt-get could not install the packages; all it said is in $log"
  fi
}
