#!/bin/sh
# Generates Python code from tepui's protos, once, and runs the example with it:
#   examples/python/run.sh [--master HOST:PORT] [--tasks N] [--command COMMAND]
# Needs python3 with grpcio and protobuf, and protoc with its gRPC plug-in for Python. On Debian:
#   apt-get install python3-grpcio python3-protobuf protobuf-compiler protobuf-compiler-grpc
set -eu
here=$(cd "$(dirname "$0")" && pwd)
protos=$(cd "$here/../../protos" && pwd)
generated=${TEPUI_PYTHON_GENERATED:-$here/../../.tepui/python}

python=${PYTHON:-}
for candidate in "$python" python3 /usr/bin/python3; do
  if [ -n "$candidate" ] && "$candidate" -c 'import grpc, google.protobuf' 2>/dev/null; then
    python=$candidate
    found=yes
    break
  fi
done
if [ "${found:-no}" = no ]; then
  echo "no python3 with the packages grpc and google.protobuf was found; on Debian: apt-get install python3-grpcio python3-protobuf" >&2
  exit 2
fi
plugin=$(command -v grpc_python_plugin || true)
if [ -z "$plugin" ] || ! command -v protoc >/dev/null; then
  echo "protoc or grpc_python_plugin is missing; on Debian: apt-get install protobuf-compiler protobuf-compiler-grpc" >&2
  exit 2
fi

newest=$(find "$protos" -name '*.proto' -newer "$generated/.done" 2>/dev/null || echo all)
if [ -n "$newest" ] || [ ! -e "$generated/.done" ]; then
  rm -rf "$generated"
  mkdir -p "$generated"
  cd "$protos"
  protoc -I . --python_out="$generated" --grpc_python_out="$generated" --plugin=protoc-gen-grpc_python="$plugin" \
    mesos/v1/mesos.proto mesos/v1/scheduler/scheduler.proto tepui/v1/scheduler_service.proto
  touch "$generated/.done"
fi
PYTHONPATH=$generated exec "$python" "$here/batch.py" "$@"
