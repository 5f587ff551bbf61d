#!/usr/bin/env bash
# Versions: llama.cpp v0.5.0, libllama.v0.5.0.so of npm @node-llama-cpp/linux-x64@3.22.1; Linux, x86-64.
#
# A block for multi-token prediction is not computed when a text is read, even if it is loaded (load_mtp), so that
# llama-imatrix, which sees what llama_decode computes, has no entries for it. llama_model_quantize to a type that needs
# importances quantizes the trunk, fails at this block, and leaves what it has written, with zeros in place of the GGUF
# header. A dry run with the same importances returns 0 without a warning. Types that do not need importances quantize
# the block without, which is said at level info only. Another type for the block helps.
#
# Input: a glm4moe of random weights, blk.0 the trunk, blk.1 for prediction; 32 tokens; an importance of 1 for each
# column of the matrices of blocks that are multiplied then.
# Output seen (infos: "did not find weights" for a matrix of blk.1; of files the first bytes, 47475546 is "GGUF"):
#   load_mtp False: 8 matrices of blocks multiplied, 9 never, which are those of blk.1
#   load_mtp True: 8 matrices of blocks multiplied, 9 never, which are those of blk.1
#   IQ2_XXS, dry run: returned 0; lines of warnings and errors 0, of infos 0; no file
#   IQ2_XXS: returned 1; lines of warnings and errors 5, of infos 1; file of 189472 bytes, 00000000
#     Missing importance matrix for tensor blk.1.attn_k.weight in a very low-bit quantization
#   Q2_K: returned 0; lines of warnings and errors 0, of infos 8; file of 549504 bytes, 47475546
#   IQ2_XXS, blk.1 in Q8_0: returned 0; lines of warnings and errors 8, of infos 8; file of 1031232 bytes, 47475546
# Exits 1 if blk.1 is computed, or one of the four ends otherwise. Needs npm, python3.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @node-llama-cpp/linux-x64@3.22.1
cat > nextn.py <<'END'
import array, ctypes, math, os, random, struct, sys
from ctypes import CFUNCTYPE, POINTER, Structure, c_bool, c_char_p, c_float, c_int32, c_size_t, c_void_p

WIDTH, EXPERTS, TOKENS, IQ2_XXS, Q2_K, Q8_0 = 256, 2, 32, 19, 10, 8
SHAPES = {"token_embd.weight": (WIDTH, TOKENS), "output.weight": (WIDTH, TOKENS), "output_norm.weight": (WIDTH,),
          "blk.1.nextn.eh_proj.weight": (2 * WIDTH, WIDTH), "blk.1.nextn.enorm.weight": (WIDTH,),
          "blk.1.nextn.hnorm.weight": (WIDTH,)}
for block in ("blk.0.", "blk.1."):
    for shape, names in (((WIDTH, WIDTH), ("attn_q", "attn_k", "attn_v", "attn_output")),
                         ((WIDTH, WIDTH, EXPERTS), ("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps")),
                         ((WIDTH, EXPERTS), ("ffn_gate_inp",)), ((WIDTH,), ("attn_norm", "post_attention_norm"))):
        SHAPES.update({block + name + ".weight": shape for name in names})
    SHAPES[block + "exp_probs_b.bias"] = (EXPERTS,)
MATRICES = {name for name, shape in SHAPES.items() if name.startswith("blk.") and len(shape) > 1}


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def key(name, kind, value):
    return text(name) + struct.pack("<I", kind) + value


def write(path):
    keys = [key("general.architecture", 8, text("glm4moe")), key("tokenizer.ggml.model", 8, text("none")),
            key("glm4moe.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-5))]
    for name, value in (("context_length", 64), ("embedding_length", WIDTH), ("block_count", 2),
                        ("nextn_predict_layers", 1), ("feed_forward_length", WIDTH), ("attention.head_count", 4),
                        ("expert_count", EXPERTS), ("expert_used_count", 1), ("expert_shared_count", 0),
                        ("expert_feed_forward_length", WIDTH), ("vocab_size", TOKENS)):
        keys.append(key("glm4moe." + name, 4, struct.pack("<I", value)))
    infos, data = b"", b""
    for name, shape in SHAPES.items():
        infos += text(name) + struct.pack("<I%dQIQ" % len(shape), len(shape), *shape, 0, len(data))
        data += array.array("f", (random.uniform(-0.1, 0.1) for _ in range(math.prod(shape)))).tobytes()
        data += bytes(-len(data) % 32)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(SHAPES), len(keys)) + b"".join(keys) + infos
    with open(path, "wb") as file:
        file.write(head + bytes(-len(head) % 32) + data)


class Handle(c_void_p):
    pass


class ModelOptions(Structure):  # llama_model_params of include/llama.h
    _fields_ = [("pointers", c_void_p * 2), ("numbers", c_int32 * 5), ("more", c_void_p * 4), ("flags", c_bool * 5),
                ("load_mtp", c_bool)]


class ContextOptions(Structure):  # llama_context_params
    _fields_ = [("n_ctx", c_int32), ("sizes", c_int32 * 6), ("threads", c_int32 * 2), ("kinds", c_int32 * 5),
                ("scales", c_float * 6), ("yarn_ctx", c_int32), ("defrag", c_float), ("cb_eval", c_void_p),
                ("data", c_void_p), ("types", c_int32 * 2), ("abort", c_void_p * 2), ("flags", c_bool * 6),
                ("more", c_void_p * 3)]


class Batch(Structure):  # llama_batch
    _fields_ = [("n_tokens", c_int32), ("pointers", c_void_p * 6)]


class Importance(Structure):  # llama_model_imatrix_data
    _fields_ = [("name", c_char_p), ("data", POINTER(c_float)), ("size", c_size_t)]


class Override(Structure):  # llama_model_tensor_override
    _fields_ = [("pattern", c_char_p), ("type", c_int32)]


class QuantizeOptions(Structure):  # llama_model_quantize_params
    _fields_ = [("threads", c_int32), ("ftype", c_int32), ("types", c_int32 * 2), ("flags", c_bool * 5),
                ("dry_run", c_bool), ("imatrix", POINTER(Importance)), ("kv_overrides", c_void_p),
                ("overrides", POINTER(Override)), ("prune", c_void_p), ("buffer", c_size_t)]


library = sys.argv[1]
base = ctypes.CDLL(os.path.join(library, "libggml-base.so"), mode=ctypes.RTLD_GLOBAL)
ggml = ctypes.CDLL(os.path.join(library, "libggml.v0.5.0.so"), mode=ctypes.RTLD_GLOBAL)
llama = ctypes.CDLL(os.path.join(library, "libllama.v0.5.0.so"))
messages = []  # (level, line): level 2 is info, 3 a warning, 4 an error
log = CFUNCTYPE(None, c_int32, c_char_p, c_void_p)(lambda level, line, _: messages.append((level, line.decode())))
llama.llama_log_set(log, None)
base.ggml_log_set(log, None)
ggml.ggml_backend_load_all_from_path(library.encode())
base.ggml_op_desc.restype = base.ggml_get_name.restype = c_char_p
llama.llama_model_default_params.restype = ModelOptions
llama.llama_context_default_params.restype = ContextOptions
llama.llama_model_quantize_default_params.restype = QuantizeOptions
llama.llama_model_load_from_file.restype = llama.llama_init_from_model.restype = Handle
llama.llama_batch_get_one.restype = Batch


def multiplied(load_mtp):
    names = set()

    def ask(tensor, asked, _):
        if base.ggml_op_desc(tensor) in (b"MUL_MAT", b"MUL_MAT_ID"):
            names.add(base.ggml_get_name(Handle.from_address(tensor.value + 152)).decode())  # src[0] of ggml_tensor
        return not asked

    callback = CFUNCTYPE(c_bool, Handle, c_bool, c_void_p)(ask)
    options = llama.llama_model_default_params()
    options.load_mtp = load_mtp
    model = llama.llama_model_load_from_file(b"in.gguf", options)
    options = llama.llama_context_default_params()
    options.n_ctx, options.threads[:], options.cb_eval = 64, [1, 1], ctypes.cast(callback, c_void_p)
    context = llama.llama_init_from_model(model, options)
    tokens = (c_int32 * TOKENS)(*range(TOKENS))
    if not context or llama.llama_decode(context, llama.llama_batch_get_one(tokens, TOKENS)) != 0:
        sys.exit("not computed: " + "".join(line for level, line in messages if level == 4))
    llama.llama_free(context)
    llama.llama_model_free(model)
    return names


def quantize(label, ftype, names, dry_run=False, overrides=None):
    entries = (Importance * (len(names) + 1))()
    for entry, name in zip(entries, sorted(names)):
        entry.size = math.prod(SHAPES[name]) // SHAPES[name][1]
        entry.name, entry.data = name.encode(), (c_float * entry.size)(*[1] * entry.size)
    options = llama.llama_model_quantize_default_params()
    options.threads, options.ftype, options.imatrix, options.dry_run = 1, ftype, entries, dry_run
    if overrides:
        options.overrides = overrides
    del messages[:]
    code = llama.llama_model_quantize(b"in.gguf", b"out.gguf", ctypes.byref(options))
    said = [line for level, line in messages if level in (3, 4)]
    infos = sum(level == 2 and "did not find weights for blk.1." in line for level, line in messages)
    start, size = b"", 0
    if os.path.exists("out.gguf"):
        with open("out.gguf", "rb") as file:
            start, size = file.read(4), os.path.getsize("out.gguf")
        os.remove("out.gguf")
    print("%s: returned %d; lines of warnings and errors %d, of infos %d; %s"
          % (label, code, len(said), infos, "file of %d bytes, %s" % (size, start.hex()) if size else "no file"))
    return code, start, said, infos


random.seed(1)
write("in.gguf")
as_seen = True
for load_mtp in (False, True):
    seen = multiplied(load_mtp) & MATRICES
    never = MATRICES - seen
    whole = never == {name for name in MATRICES if name.startswith("blk.1.")}
    print("load_mtp %s: %d matrices of blocks multiplied, %d never%s"
          % (load_mtp, len(seen), len(never), ", which are those of blk.1" if whole else ""))
    as_seen &= whole
code, start, said, infos = quantize("IQ2_XXS, dry run", IQ2_XXS, seen, dry_run=True)
as_seen &= code == 0 and not start and not said
code, start, said, infos = quantize("IQ2_XXS", IQ2_XXS, seen)
print("  " + said[-1].split("failed to quantize: ")[-1].strip() if said else "  no error")
as_seen &= code == 1 and start == bytes(4) and "Missing importance matrix for tensor blk.1." in "".join(said)
code, start, said, infos = quantize("Q2_K", Q2_K, seen)
as_seen &= code == 0 and start == b"GGUF" and not said and infos > 0
overrides = (Override * 2)(Override(rb"blk\.1\.", Q8_0))
code, start, said, infos = quantize("IQ2_XXS, blk.1 in Q8_0", IQ2_XXS, seen, overrides=overrides)
as_seen &= code == 0 and start == b"GGUF"
sys.exit(0 if as_seen else 1)
END
python3 nextn.py "$work/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64" \
    || { echo "changed: see the output above"; exit 1; }
