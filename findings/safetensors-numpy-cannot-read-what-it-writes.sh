#!/usr/bin/env bash
# Versions: safetensors 0.8.0, numpy 2.4.6, ml_dtypes 0.6.0; Python 3.11.
#
# safetensors.numpy saves arrays in BF16 and in the 8-bit floats (of ml_dtypes, numpy's usual home of such types), and
# reads few of them back: load, which takes the bytes that save returns, knows none of these types; load_file reads BF16
# if something has imported ml_dtypes before, which safetensors neither needs nor imports, and the 8-bit floats never.
# The same file is read or not, by what else the program has imported. Each failure is an error of Python's that names no
# file, no tensor and no package that would help.
#
# Input: the array [1, 2] in BF16, F8_E4M3, F8_E5M2 and F16, saved by safetensors.numpy.
# Output seen:
#   BF16     saved; load KeyError; load_file TypeError, with ml_dtypes [1. 2.]
#   F8_E4M3  saved; load KeyError; load_file AttributeError, with ml_dtypes AttributeError
#   F8_E5M2  saved; load KeyError; load_file AttributeError, with ml_dtypes AttributeError
#   F16      saved; load [1. 2.]; load_file [1. 2.], with ml_dtypes [1. 2.]
# Exits 1 if any of that changes. Needs python3 with venv, and network for pip.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6 ml_dtypes==0.6.0
cat > write.py <<'END'
import json
import ml_dtypes
import numpy
import safetensors.numpy

TYPES = {"BF16": ml_dtypes.bfloat16, "F8_E4M3": ml_dtypes.float8_e4m3fn, "F8_E5M2": ml_dtypes.float8_e5m2,
         "F16": numpy.float16}
for name, kind in TYPES.items():
    data = safetensors.numpy.save({"t": numpy.array([1, 2], dtype=kind)})
    size = int.from_bytes(data[:8], "little")
    assert json.loads(data[8:8 + size])["t"]["dtype"] == name
    with open(name + ".safetensors", "wb") as file:
        file.write(data)
END
cat > read.py <<'END'
import sys
if "ml_dtypes" in sys.argv:
    import ml_dtypes
import numpy
import safetensors.numpy

def tried(read, argument):
    try:
        return str(read(argument)["t"].astype(numpy.float32))
    except Exception as error:
        return type(error).__name__

for name in ("BF16", "F8_E4M3", "F8_E5M2", "F16"):
    path = name + ".safetensors"
    with open(path, "rb") as file:
        print(name, tried(safetensors.numpy.load, file.read()), tried(safetensors.numpy.load_file, path), sep="|")
END
venv/bin/python write.py
paste -d '|' <(venv/bin/python read.py) <(venv/bin/python read.py ml_dtypes) \
    | awk -F '|' '{ printf "%-8s saved; load %s; load_file %s, with ml_dtypes %s\n", $1, $2, $3, $6 }' | tee seen
diff seen - <<'END'
BF16     saved; load KeyError; load_file TypeError, with ml_dtypes [1. 2.]
F8_E4M3  saved; load KeyError; load_file AttributeError, with ml_dtypes AttributeError
F8_E5M2  saved; load KeyError; load_file AttributeError, with ml_dtypes AttributeError
F16      saved; load [1. 2.]; load_file [1. 2.], with ml_dtypes [1. 2.]
END
