#!/usr/bin/env bash
# Versions: llama.cpp v0.5.0, libllama.v0.5.0.so of npm @node-llama-cpp/linux-x64@3.22.1; Linux, x86-64.
#
# general.alignment says how a GGUF is laid out. llama_model_quantize with only_copy (`llama-quantize IN OUT COPY`)
# keeps the key and lays the data out for the default of 32: it returns 0, and the copy of a file of alignment 64 is
# refused by ggml's own reader, because the offsets are no multiples of 64.
#
# Input: a llama of one block and random weights, twice: with the key at 32 and at 64. Its matrices of 8 x 8 F32 take 256
# bytes, its norms of 8 take 32.
# Output seen:
#   alignment 32: llama_model_quantize returned 0, the copy has alignment 32; gguf_init_from_file reads it
#   alignment 64: llama_model_quantize returned 0, the copy has alignment 64; gguf_init_from_file refuses it
# Exits 1 if one of the two is otherwise. Needs npm, python3.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @node-llama-cpp/linux-x64@3.22.1
cat > alignment.py <<'END'
import ctypes, os, random, struct, sys

WIDTH, VOCABULARY = 8, 8


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def key(name, kind, value):
    return text(name) + struct.pack("<I", kind) + value


def number(name, value):
    return key(name, 4, struct.pack("<I", value))


def write(path, alignment):
    keys = [key("general.architecture", 8, text("llama")), number("general.alignment", alignment)]
    for name, value in (("context_length", 64), ("embedding_length", WIDTH), ("block_count", 1),
                        ("feed_forward_length", WIDTH), ("attention.head_count", 1)):
        keys.append(number("llama." + name, value))
    keys.append(key("llama.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-5)))
    keys.append(key("tokenizer.ggml.model", 8, text("none")))
    shapes = {"token_embd.weight": (WIDTH, VOCABULARY), "output_norm.weight": (WIDTH,),
              "blk.0.attn_norm.weight": (WIDTH,), "blk.0.ffn_norm.weight": (WIDTH,)}
    for matrix in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        shapes["blk.0." + matrix + ".weight"] = (WIDTH, WIDTH)
    infos, data = b"", b""
    for name, shape in shapes.items():
        infos += text(name) + struct.pack("<I", len(shape)) + struct.pack("<%dQ" % len(shape), *shape)
        infos += struct.pack("<IQ", 0, len(data))
        count = WIDTH if len(shape) == 1 else shape[0] * shape[1]
        data += struct.pack("<%df" % count, *(random.gauss(0, 1) for _ in range(count)))
        data += bytes(-len(data) % alignment)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(keys)) + b"".join(keys) + infos
    with open(path, "wb") as file:
        file.write(head + bytes(-len(head) % alignment) + data)


class Options(ctypes.Structure):  # llama_model_quantize_params of include/llama.h
    _fields_ = ([(name, ctypes.c_int32) for name in ("nthread", "ftype", "output", "embedding")]
                + [(name, ctypes.c_bool) for name in ("requantize", "quantize_output", "only_copy", "pure", "keep_split",
                                                      "dry_run")]
                + [(name, ctypes.c_void_p) for name in ("imatrix", "overrides", "tensors", "prune")]
                + [("buffer", ctypes.c_size_t)])


class Reading(ctypes.Structure):  # gguf_init_params of ggml/include/gguf.h
    _fields_ = [("no_alloc", ctypes.c_bool), ("context", ctypes.c_void_p)]


library = sys.argv[1]
base = ctypes.CDLL(os.path.join(library, "libggml-base.so"), mode=ctypes.RTLD_GLOBAL)
ctypes.CDLL(os.path.join(library, "libggml.v0.5.0.so"), mode=ctypes.RTLD_GLOBAL)
llama = ctypes.CDLL(os.path.join(library, "libllama.v0.5.0.so"))
quiet = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda *_: None)
llama.llama_log_set(quiet, None)
base.ggml_log_set(quiet, None)
llama.llama_model_quantize_default_params.restype = Options
llama.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(Options)]
llama.llama_model_quantize.restype = ctypes.c_uint32
base.gguf_init_from_file.argtypes = [ctypes.c_char_p, Reading]
base.gguf_init_from_file.restype = ctypes.c_void_p

random.seed(1)
as_seen = True
for alignment in (32, 64):
    write("in.gguf", alignment)
    options = llama.llama_model_quantize_default_params()
    options.only_copy = True
    options.nthread = 1
    code = llama.llama_model_quantize(b"in.gguf", b"out.gguf", ctypes.byref(options))
    with open("out.gguf", "rb") as file:
        copy = file.read()
    place = copy.index(b"general.alignment") + len("general.alignment") + 4
    kept = struct.unpack_from("<I", copy, place)[0]
    read = base.gguf_init_from_file(b"out.gguf", Reading(True, None))
    print("alignment %d: llama_model_quantize returned %d, the copy has alignment %d; gguf_init_from_file %s it"
          % (alignment, code, kept, "reads" if read else "refuses"))
    as_seen &= code == 0 and kept == alignment and bool(read) == (alignment == 32)
sys.exit(0 if as_seen else 1)
END
python3 alignment.py "$work/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64" \
    || { echo "changed: see the output above"; exit 1; }
