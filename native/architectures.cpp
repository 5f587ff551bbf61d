// Writes random models of every architecture, as llama.cpp's own test-llama-archs.cpp sets them up, those included that
// it does not save or does not try itself. Built by architectures.sh from the pinned source.
//
//   architectures                  lists the models: ARCHITECTURE-dense, ARCHITECTURE-moe
//   architectures NAME SEED FILE   writes one of them; llama.cpp may end the process where its test has no fitting shapes

#define main test_llama_archs
#include "test-llama-archs.cpp"
#undef main

#include <map>

// What llama.cpp asked for while it built a model.
struct recorded_tensor {
    ggml_tensor          tensor;
    std::vector<uint8_t> data;
};

struct recorder {
    tensor_data_params                     params;
    llm_arch                               arch;
    std::vector<std::string>               order;
    std::map<std::string, recorded_tensor> tensors;
};

static void record(ggml_tensor * tensor, void * userdata) {
    recorder & to = *(recorder *) userdata;
    set_tensor_data(tensor, &to.params);
    if (to.tensors.count(tensor->name) != 0) {
        return; // embeddings that serve as output come twice
    }
    if (to.arch == LLM_ARCH_RWKV6QWEN2 && strstr(tensor->name, "time_mix_first")) {
        return; // optional, and with it llama.cpp takes another way and misses the norm that goes with it
    }
    recorded_tensor & copy = to.tensors[tensor->name];
    copy.tensor = *tensor;
    copy.data.resize(ggml_nbytes(tensor));
    ggml_backend_tensor_get(tensor, copy.data.data(), 0, copy.data.size());
    // exp(A_log) there, -exp(A_log) elsewhere
    if (to.arch == LLM_ARCH_BAILINGMOE3 && strstr(tensor->name, ".ssm_a") && tensor->type == GGML_TYPE_F32) {
        float * values = (float *) copy.data.data();
        for (int64_t i = 0; i < ggml_nelements(tensor); i++) {
            values[i] = fabsf(values[i]);
        }
    }
    to.order.push_back(tensor->name);
}

static void add_integers(llm_arch arch, gguf_context * metadata, llm_kv key, const std::vector<int32_t> & values) {
    gguf_set_arr_data(metadata, LLM_KV(arch)(key).c_str(), GGUF_TYPE_INT32, values.data(), values.size());
}

// What the test does not set, because it does not try these architectures.
static void add_missing_keys(llm_arch arch, gguf_context * metadata) {
    gguf_set_val_str(metadata, "general.name", "Random"); // or files are called after themselves, and "phi3" has a meaning
    gguf_set_val_u32(metadata, "tokenizer.ggml.token_type_count", 2); // BERT and its kin
    llama_model_saver keys(arch, metadata);
    if (arch == LLM_ARCH_RWKV7 || arch == LLM_ARCH_ARWKV7) {
        keys.add_kv(LLM_KV_ATTENTION_DECAY_LORA_RANK,              uint32_t(32));
        keys.add_kv(LLM_KV_ATTENTION_ICLR_LORA_RANK,               uint32_t(32));
        keys.add_kv(LLM_KV_ATTENTION_VALUE_RESIDUAL_MIX_LORA_RANK, uint32_t(32));
        keys.add_kv(LLM_KV_ATTENTION_GATE_LORA_RANK,               uint32_t(64));
    }
    if (arch == LLM_ARCH_RWKV6QWEN2 || arch == LLM_ARCH_ARWKV7) {
        keys.add_kv(LLM_KV_TOKEN_SHIFT_COUNT, uint32_t(1));
    } else if (arch == LLM_ARCH_GEMMA4) {
        keys.add_kv(LLM_KV_ATTENTION_SLIDING_WINDOW_PATTERN, std::vector<uint32_t>({1, 1, 1, 1, 0}));
    } else if (arch == LLM_ARCH_GEMMA4_ASSISTANT) {
        keys.add_kv(LLM_KV_ATTENTION_SLIDING_WINDOW_PATTERN, std::vector<uint32_t>({1, 0}));
        keys.add_kv(LLM_KV_ATTENTION_KEY_LENGTH_SWA,         uint32_t(128));
        keys.add_kv(LLM_KV_ATTENTION_VALUE_LENGTH_SWA,       uint32_t(128));
        keys.add_kv(LLM_KV_EMBEDDING_LENGTH_OUT,             uint32_t(512));
    } else if (arch == LLM_ARCH_GRANITE_SWITCH) {
        keys.add_kv(LLM_KV_ADAPTER_COUNT,                uint32_t(2));
        keys.add_kv(LLM_KV_ADAPTER_LORA_RANK,            uint32_t(32));
        add_integers(arch, metadata, LLM_KV_ADAPTER_TOKEN_IDS_ACTIVATE, {100, 101});
        add_integers(arch, metadata, LLM_KV_ADAPTER_TOKEN_IDS_SUBSTITUTE, {1, 2});
    } else if (arch == LLM_ARCH_EAGLE3) {
        add_integers(arch, metadata, LLM_KV_TARGET_LAYERS, {0, 1, 1});
        keys.add_kv(LLM_KV_TARGET_HIDDEN_SIZE, uint32_t(256));
    } else if (arch == LLM_ARCH_DFLASH) {
        add_integers(arch, metadata, LLM_KV_TARGET_LAYERS, {0, 1});
        keys.add_kv(LLM_KV_ATTENTION_SLIDING_WINDOW_PATTERN, std::vector<uint32_t>({1, 0}));
    }
}

static bool has_experts(llm_arch arch) {
    return moe_implemented(arch) || arch == LLM_ARCH_DEEPSEEK2OCR;
}

static bool is_dense(llm_arch arch) {
    return !moe_mandatory(arch) && arch != LLM_ARCH_DEEPSEEK2OCR;
}

static bool write_model(llm_arch arch, bool moe, size_t seed, const std::string & path) {
    gguf_context_ptr metadata = get_gguf_ctx(arch, moe);
    add_missing_keys(arch, metadata.get());
    recorder made = {{seed, 0.1f}, arch, {}, {}};
    ggml_backend_dev_t no_devices[] = {nullptr};
    llama_model_params params = llama_model_default_params();
    params.progress_callback = silent_model_load_progress;
    params.devices = no_devices;
    params.use_extra_bufts = false; // whose tensors cannot be read back
    llama_model_ptr model(llama_model_init_from_user(metadata.get(), record, &made, params));
    if (!model) {
        return false;
    }
    gguf_context_ptr file(gguf_init_empty());
    gguf_set_kv(file.get(), metadata.get());
    for (const std::string & name : made.order) {
        recorded_tensor & each = made.tensors[name];
        each.tensor.data   = each.data.data();
        each.tensor.buffer = nullptr;
        gguf_add_tensor(file.get(), &each.tensor);
    }
    return gguf_write_to_file(file.get(), path.c_str(), false);
}

int main(int argc, char ** argv) {
    if (argc != 1 && argc != 4) {
        fprintf(stderr, "usage: %s [NAME SEED FILE]\n", argv[0]);
        return 2;
    }
    llama_log_set([](ggml_log_level level, const char * text, void *) {
        if (level == GGML_LOG_LEVEL_ERROR) {
            fputs(text, stderr);
        }
    }, nullptr);
    for (const llm_arch & arch : llm_arch_all()) {
        for (bool moe : {false, true}) {
            if (arch == LLM_ARCH_UNKNOWN || !(moe ? has_experts(arch) : is_dense(arch))) {
                continue;
            }
            const std::string name = std::string(llm_arch_name(arch)) + (moe ? "-moe" : "-dense");
            if (argc == 1) {
                printf("%s\n", name.c_str());
            } else if (name == argv[1]) {
                return write_model(arch, moe, std::stoull(argv[2]), argv[3]) ? 0 : 1;
            }
        }
    }
    return argc == 1 ? 0 : 2;
}
