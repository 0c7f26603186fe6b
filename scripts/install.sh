#!/bin/sh
# Install this checkout with the tested versions. torch comes first: on Linux the plain wheel brings gigabytes of CUDA with it,
# so name the index of CPU wheels that torch's site gives in TORCH_INDEX, or leave it empty where your pip already finds a CPU wheel.
set -eu
python=$1
version=$(sed -n 's/^torch==//p' constraints.txt)
"$python" -c 'import torch' 2>/dev/null || "$python" -m pip install --quiet ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "torch==$version"
"$python" -m pip install --quiet -c constraints.txt -e ".[dev]"
