#!/bin/sh
# Generates C++ code from tepui's protos and builds the example, once, and runs it:
#   examples/cpp/run.sh [--master HOST:PORT] [--tasks N] [--command COMMAND] [--executor]
# The Makefile beside this file says what it needs; the first build takes about a minute.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${TEPUI_CPP_OUT:-$(cd "$here/../.." && pwd)/.tepui/cpp}
packages="g++ make pkg-config libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc"

for tool in make "${CXX:-g++}" pkg-config protoc grpc_cpp_plugin; do
  command -v "$tool" >/dev/null || {
    echo "$tool is missing; on Debian: apt-get install $packages" >&2
    exit 2
  }
done
pkg-config --exists grpc++ protobuf || {
  echo "gRPC for C++ is missing; on Debian: apt-get install $packages" >&2
  exit 2
}
if ! make --question --silent -C "$here" OUT="$out"; then
  echo "building the example in $out" >&2
  make --silent --jobs="$(nproc)" -C "$here" OUT="$out" >&2 || exit 2
fi
exec "$out/batch" "$@"
