#!/bin/sh
# Generates Python code from tepui's protos, once, and runs the example with it:
#   examples/python/run.sh [--master HOST:PORT] [--tasks N] [--command COMMAND] [--executor]
# Needs python3. Where grpcio, protobuf or a protoc with gRPC's plug-in are missing, it installs grpcio-tools from PyPI
# into a folder of its own (.tepui/python-venv). On Debian, these packages make that unnecessary:
#   apt-get install python3-grpcio python3-protobuf protobuf-compiler protobuf-compiler-grpc
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
protos=$root/protos
venv=$root/.tepui/python-venv
generated=${TEPUI_PYTHON_GENERATED:-$root/.tepui/python}

has() {
  "$1" -c "import $2" 2>/dev/null
}

# The distribution's packages serve the distribution's interpreter; python3 may be another one.
python=
generator=
for candidate in ${PYTHON:-} "$venv/bin/python" python3 /usr/bin/python3; do
  if has "$candidate" 'grpc, google.protobuf' && command -v protoc grpc_python_plugin >/dev/null; then
    generator=protoc
  elif has "$candidate" grpc_tools; then
    generator=grpc_tools
  else
    continue
  fi
  python=$candidate
  break
done
if [ -z "$python" ]; then
  echo "no Python with gRPC was found: installing grpcio-tools into $venv" >&2
  "${PYTHON:-python3}" -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check grpcio-tools || {
    rm -rf "$venv"
    echo "that failed; on Debian: apt-get install python3-grpcio python3-protobuf protobuf-compiler protobuf-compiler-grpc" >&2
    exit 2
  }
  python=$venv/bin/python
  generator=grpc_tools
fi

# Code of one protobuf release need not run on another.
release=$("$python" -c 'import google.protobuf as protobuf, sys; print(protobuf.__version__, sys.executable)')
files="mesos/v1/mesos.proto mesos/v1/scheduler/scheduler.proto tepui/v1/scheduler_service.proto"
files="$files mesos/v1/executor/executor.proto tepui/v1/executor_service.proto"
newest=$(find "$protos" -name '*.proto' -newer "$generated/.done" 2>/dev/null || echo all)
if [ -n "$newest" ] || [ "$(cat "$generated/.done")" != "$generator $release $files" ]; then
  rm -rf "$generated"
  mkdir -p "$generated"
  cd "$protos"
  if [ "$generator" = protoc ]; then
    protoc -I . --python_out="$generated" --grpc_python_out="$generated" \
      --plugin=protoc-gen-grpc_python="$(command -v grpc_python_plugin)" $files
  else
    "$python" -m grpc_tools.protoc -I . --python_out="$generated" --grpc_python_out="$generated" $files
  fi
  echo "$generator $release $files" >"$generated/.done"
  cd "$root"
fi
PYTHONPATH=$generated exec "$python" "$here/batch.py" "$@"
