# `make` alone lists the targets. Needed: a JDK of 25 or newer somewhere on the machine (the java on the PATH may be any),
# Maven 3.6.3 or newer, and npm, which brings the llama.cpp libraries when Maven begins.

MVN      ?= mvn
JAVA     ?= java
PLATFORM ?= $(shell name=make; . native/common.sh; host_platform)
ARGS     ?=
VERSION  ?=
PREFIX   ?= $(HOME)/.local
KEY      ?= ""
BLOCKS   ?= 10000000
TYPES    ?=
TEMPLATES ?= 100000
SEED     ?= 1
MINUTES  ?= 60
PEERS    ?=
JOBS     ?= $(shell getconf _NPROCESSORS_ONLN)

SHELL   := bash
.SHELLFLAGS := -o pipefail -c

JAR     := target/expo-gguf.jar
POM_VERSION = $$(sed -n 's/^  <version>\(.*\)<.*/\1/p' pom.xml)
# Maven's own talk stays away; warnings, errors and the lines of the test runner come through.
MAVEN   := $(MVN) -B -ntp -Dstyle.color=never -Dplatform=$(PLATFORM) -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
           -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire.SurefireMojo=info
# The Java that the launcher would take.
JAVA_25  = $$($(JAVA) -cp target/classes io.github.expogguf.launch.JavaSearch)
# What holds the bytes, the types and the calls of a version of llama.cpp against ours.
PARITY  := **/imatrix/**/*Test,**/nativelib/**/*Test,**/quant/**/*Test,**/compare/**/*Test,**/plan/**/*Test,**/infer/**/*Test,**/verify/**/*Test,**/run/**/*Test,**/score/**/*Test,AcrossVersionsTest
# The formatter parses with the Java that runs Maven.
ON_25    = JAVA_HOME=$$($(JAVA) src/main/java/io/github/expogguf/launch/JavaSearch.java) MAVEN_OPTS="$$MAVEN_OPTS --sun-misc-unsafe-memory-access=allow"
VECTORS := --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED

.PHONY: help java native native-all native-backends test-vulkan native-headers native-oracles native-source build artifacts bundle signing-key image install demo replicate format api check test test-scalar test-long test-examples test-templates test-embedding test-versions test-arm64 test-windows test-platforms test-architectures test-imatrix test-faults fuzz fuzz-seeds trust bindings pin bench bench-jmh \
        bench-kernels bench-quantizers bench-end-to-end bench-reading bench-scale bench-costs bench-model bench-peers bench-alpha bench-reuse bench-rounding bench-mixtures bench-service bench-logits bench-launcher run-command clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  make print-VAR         show a variable of the Makefile"
	@echo
	@[ -f $(JAR) ] && echo "The command is there: java -jar $(JAR)" || echo "make build makes the command, $(JAR)."

native: ## fetch the pinned llama.cpp libraries for this machine (PLATFORM=mac-arm64 for another)
	@native/fetch.sh $(PLATFORM)

native-all: ## fetch them for all six platforms
	@native/fetch.sh all

native-backends: ## fetch the backends for GPUs on Linux, Vulkan and CUDA (170 MB)
	@native/fetch.sh linux-x64-vulkan linux-x64-cuda

native-headers: ## fetch llama.cpp's headers and source
	@native/fetch.sh headers

native-oracles: ## fetch what the tests of chat templates compare with: llama.cpp's templates and npm's @huggingface/jinja
	@native/fetch.sh source $(FETCH_OUTPUT)
	@native/fetch-jinja.sh $(FETCH_OUTPUT)

# tests say what fails, and how many there were
test test-scalar: FETCH_OUTPUT = > /dev/null

native-source: ## build the libraries from the pinned source instead, with CMake
	@native/source.sh

build: java ## build target/expo-gguf.jar, without the tests
	@$(MAVEN) package -DskipTests
	@$(if $(filter build,$(MAKECMDGOALS)),echo "The command is there: java -jar $(JAR)")

java: # says what the launcher says where there is no Java that is new enough, before Maven says it in other words
	@$(JAVA) src/main/java/io/github/expogguf/launch/JavaSearch.java > /dev/null

artifacts: ## build everything that is published, for all platforms, into the local Maven repository
	@$(MAVEN) -Dorg.slf4j.simpleLogger.log.com.networknt=error -Partifacts install -DskipTests
	@$(JAVA_25)/bin/java -cp $(JAR) native/artifacts/BillOfMaterials.java $(JAR) target/expo-gguf.cdx.json
	@$(JAVA_25)/bin/java native/artifacts/Contents.java target $(POM_VERSION)
	@$(JAVA_25)/bin/java native/artifacts/Sizes.java target expo-gguf-$(POM_VERSION).jar

bundle: signing-key artifacts ## sign everything that is published with a key of gpg (KEY=...), in one file for Maven Central
	@JAVA_HOME=$(JAVA_25) src/artifacts/bundle.sh $(POM_VERSION) $(KEY)

signing-key:
	@[ -n $(KEY) ] && gpg --list-secret-keys $(KEY) > /dev/null || \
	  { echo "which key signs? make bundle KEY=...; gpg --list-secret-keys shows those there are" >&2; exit 1; }

image: build ## build an archive of the command with a Java of its own, for this platform
	@src/image/image.sh $(JAVA_25) $(PLATFORM)
	@src/image/test.sh target/image/expo-gguf-*-$(PLATFORM).tar.gz

install: build ## put the command on the PATH (PREFIX=~/.local)
	@src/image/install.sh $(JAVA) $(PREFIX)

demo: build ## build, then extrapolate the bundled miniature models and talk to the results
	@$(JAVA) -jar $(JAR) demo $(ARGS)

replicate: build ## the paper's experiment in miniature: search alpha for three pairs, compare with PyTorch (minutes)
	@$(JAVA_25)/bin/java $(VECTORS) -cp $(JAR) src/example/java/replicate/Replicate.java src/demo target/replication.svg

test: java native-oracles check ## check the sources, build and run every test, the SIMD code with vectors of every width and with none
	@mkdir -p target
	@$(MAVEN) -Pvectors verify 2>&1 | tee target/test.log | { grep -a --line-buffered '^\[ERROR\]' || true; }; code=$$?; \
	  awk -f src/test/counts.awk target/surefire-reports/TEST-*.xml; \
	  [ $$code = 0 ] || echo 'What the tests printed is in target/test.log.'; exit $$code

format: ## format every Java source
	@$(ON_25) $(MAVEN) spotless:apply

api: ## renew the list of the public API, src/test/resources/api.txt
	@$(MAVEN) test -Dtest=PublicApiTest -Dexpo.gguf.test.api.write=true

check: ## check format, lint, nulls, patterns of faults, architecture, javadoc and documents, in a minute; make test begins with it
	@rm -rf target/surefire-reports; mkdir -p target
	@$(ON_25) $(MAVEN) spotless:check test -Dgroups=house -Djunit.jupiter.execution.parallel.enabled=true \
	  -Djunit.jupiter.execution.parallel.mode.classes.default=concurrent > target/check.log 2>&1 \
	  || { cat target/check.log; ! grep -q spotless:apply target/check.log || echo 'The format is wrong: make format mends it.'; exit 1; }

test-scalar: native-oracles ## run the tests without the vector module
	@$(MAVEN) test -Dtest.jvm.arguments=

test-long: ## compare the SIMD code with ggml on ten million blocks of every type, hours of processor time (BLOCKS=100000 for a try, TYPES='Q4_K Q6_K' for some)
	@$(MAVEN) test -Dtest=WideRowCodecTest,WideDequantizingCodecTest -Dexpo.gguf.test.blocks=$(BLOCKS) -Dexpo.gguf.test.types='$(TYPES)' \
	  -Djunit.jupiter.execution.parallel.enabled=true

test-examples: ## run every command that the documents show, those that take a minute, too
	@$(MAVEN) test -Dtest='ExamplesTest,DocumentsTest,DocumentedCommandsTest' -Dexpo.gguf.test.slow=true

test-templates: ## compare random chat templates with Python's jinja2 (TEMPLATES=100000 of them, from SEED=1 on; two minutes)
	@$(MAVEN) test -Dtest=RandomTemplatesTest -Dexpo.gguf.test.templates=$(TEMPLATES) -Dexpo.gguf.test.seed=$(SEED)

test-embedding: ## install the artifacts and embed them in an application, in all the ways that are in use
	@$(MAVEN) install -DskipTests
	@src/consumer/run.sh $(JAVA_25) $(PLATFORM)

test-versions: ## run the parity suites with every version of llama.cpp that is accepted (Linux, a quarter of an hour)
	@for version in $$(cd native && . ./common.sh && versions); do \
	    native/fetch.sh $(PLATFORM)@$$version || exit; \
	done
	@for version in $$(cd native && . ./common.sh && versions); do \
	    rm -rf target/classes/native; \
	    $(MAVEN) test -Dtest='$(PARITY)' -Dnative.directory=native/build/versions/$$version/$(PLATFORM) \
	        -Dexpo.gguf.test.versions=native/build/versions || exit; \
	    echo "llama.cpp $$version: the parity suites pass"; \
	done
	@rm -rf target/classes/native

test-arm64: ## load the libraries for linux-arm64 under qemu and check their types (x64 Linux; native/arm64.sh says what it needs)
	@native/arm64.sh

test-windows: ## load the libraries for Windows under Wine, alone and beside others (x64 Linux; native/windows.sh says what it needs)
	@native/windows.sh

test-platforms: ## ask Maven what it would pack on each of the six platforms (a minute)
	@native/platforms.sh $(MVN)

test-architectures: ## try random models of every architecture that llama.cpp has, made by its own test (CMake; minutes to compile, then ten)
	@native/architectures.sh
	@$(MAVEN) test -Dtest=RandomArchitecturesTest -Dexpo.gguf.test.architectures=native/build/architectures/models

test-imatrix: ## compare importance matrices with those of the real llama-imatrix, byte by byte (Linux, CMake; minutes to compile)
	@native/llama-imatrix.sh
	@$(MAVEN) test -Dtest=LlamaImatrixTest -Dexpo.gguf.test.llama-imatrix=native/build/llama-imatrix/bin/llama-imatrix

test-vulkan: ## compute on a GPU through Vulkan, or where there is none on Mesa's lavapipe, and compare with the processor (Linux x64; minutes)
	@native/fetch.sh linux-x64-vulkan
	@$(MAVEN) test -Dtest=VulkanTest -Dexpo.gguf.test.vulkan=native/build

test-faults: ## let every system call on the files of a run fail, and kill it there, with strace (ten minutes, Linux)
	@strace -V > /dev/null || { echo "strace is needed" >&2; exit 1; }
	@$(MAVEN) -q test-compile dependency:build-classpath -Dmdep.outputFile=target/faults.classpath
	@classpath=target/classes:$$(cat target/faults.classpath); \
	  $(JAVA_25)/bin/java --enable-native-access=ALL-UNNAMED -cp target/test-classes:$$classpath \
	  io.github.expogguf.faults.FaultSweep "$(CURDIR)/$$classpath" $(JOBS)

fuzz: ## fuzz everything that reads a stranger's bytes with Jazzer, an hour (MINUTES=5 for a try, ARGS='header command' for some)
	@$(MAVEN) -q -Pfuzz test-compile dependency:build-classpath -Dmdep.outputFile=target/fuzz.classpath
	@$(JAVA_25)/bin/java -cp target/test-classes:target/classes:$$(cat target/fuzz.classpath) io.github.expogguf.fuzz.FuzzRun $(MINUTES) $(JOBS) $(ARGS)

fuzz-seeds: ## write the binary seeds of src/fuzz again, for when what a good file looks like has changed
	@$(MAVEN) -q test-compile dependency:build-classpath -Dmdep.outputFile=target/fuzz.classpath
	@$(JAVA_25)/bin/java $(VECTORS) -cp target/test-classes:target/classes:$$(cat target/fuzz.classpath) io.github.expogguf.fuzz.FuzzSeeds

trust: native-oracles ## run the suites on trust, test-faults and fuzz, and print their counts as a table (an hour and a half; MINUTES=5 fuzzes less)
	@mkdir -p target
	@{ $(MAVEN) test -Dgroups=trust && $(MAKE) --no-print-directory test-faults fuzz; } | tee target/trust.log
	@echo; sed -n 's/^.*trust | \(.*\)$$/| \1 |/p' target/trust.log

bindings: ## regenerate the bindings with jextract from the headers of every version; fails if the committed ones differ
	@bindings/generate.sh

pin: ## move to another version of llama.cpp, of the npm package node-llama-cpp (VERSION=3.22.1); see docs/llama-cpp-versions.md
	@native/pin.sh $(VERSION)
	@native/fetch.sh $(PLATFORM)
	@bindings/generate.sh --replace
	@mkdir -p target && native/describe.sh > target/versions.txt && \
	  cp target/versions.txt src/main/resources/io/github/expogguf/nativelib/versions.txt
	@native/changes.sh | tee target/llama.cpp-changes.txt
	@$(MAKE) --no-print-directory test-versions
	@echo; echo "what changed is in target/llama.cpp-changes.txt; what is left to do, in docs/llama-cpp-versions.md"

bench: bench-quantizers ## print the figures of docs/performance.md (a quarter of an hour; BEFORE=COMMIT beside those of an earlier build; LARGE=1 a pair of 24 GB, too)
	@for arguments in "400 Q4_K_M" "1600 Q4_K_M 1" "400 Q8_0" "1600 Q8_0 1" "400 F16" "1600 F16 1" "400 passes 1" \
	    $(if $(LARGE),"5900 Q4_K_M 1"); do \
	    echo; $(MAKE) --no-print-directory bench-end-to-end ARGS="$$arguments" || exit; done

bench-jmh: ## run the JMH benchmarks (ARGS='-f 1 Quantize' chooses)
	@$(MAVEN) -q -Pbench test-compile dependency:build-classpath -Dmdep.outputFile=target/bench.classpath
	@$(JAVA_25)/bin/java $(VECTORS) -cp target/test-classes:target/classes:$$(cat target/bench.classpath) org.openjdk.jmh.Main $(ARGS)

bench-kernels: ## the same in short, as a table beside a plain copy (ARGS='Q4_K F16' chooses types)
	@$(MAVEN) -q -Pbench test-compile dependency:build-classpath -Dmdep.outputFile=target/bench.classpath
	@$(JAVA_25)/bin/java $(VECTORS) --sun-misc-unsafe-memory-access=allow -cp target/test-classes:target/classes:$$(cat target/bench.classpath) io.github.expogguf.bench.Benchmarks $(ARGS)

bench-quantizers: ## time the SIMD quantizers and ggml's in turn on one core (ARGS='Q4_K Q8_0' chooses types)
	@$(MAVEN) -q -Pbench test-compile
	@$(JAVA_25)/bin/java $(VECTORS) -cp target/test-classes:target/classes io.github.expogguf.quant.QuantizerRatios $(ARGS)

# The jar of an earlier build, where BEFORE names its commit.
BEFORE_JAR = $(if $(BEFORE),target/before/$(shell git rev-parse --short $(BEFORE)).jar)

bench-end-to-end: build ## time the command beside llama_model_quantize, a copy (type F16) or six runs (type passes): ARGS='[millions of weights] [type] [rounds] [threads]' BEFORE=[commit]
	@$(MAVEN) -q -Pbench test-compile
	@$(if $(BEFORE),src/jmh/build-commit.sh $(BEFORE) $(BEFORE_JAR))
	@$(JAVA_25)/bin/java --enable-native-access=ALL-UNNAMED -Dbefore=$(BEFORE_JAR) -cp target/test-classes:target/classes io.github.expogguf.bench.EndToEnd $(ARGS)

bench-reading: build ## compare what the command reads from the disk with the sizes of the files, in little memory: ARGS='[millions of weights] [type] [limit in MB]'
	@$(MAVEN) -q -Pbench test-compile
	@$(JAVA_25)/bin/java --enable-native-access=ALL-UNNAMED -cp target/test-classes:target/classes io.github.expogguf.bench.Reading $(ARGS)

bench-alpha: ## time another alpha in memory beside writing the file and loading it, and count what comes from the disk: ARGS='[millions of weights] [type] [rounds]'
	@$(MAVEN) -q -Pbench test-compile
	@$(JAVA_25)/bin/java $(VECTORS) -cp target/test-classes:target/classes io.github.expogguf.bench.AlphaInMemory $(ARGS)

bench-scale: build ## time plan and the bookkeeping of pairs of 70 and 405 billion weights, in sparse files that take no room: ARGS='[type] [layers of the 70B shape]...'
	@$(MAVEN) -q -Pbench test-compile
	@$(JAVA_25)/bin/java --enable-native-access=ALL-UNNAMED -cp target/test-classes:target/classes io.github.expogguf.bench.Scale $(ARGS)

bench-costs: build ## measure what plan estimates time with, as src/main/resources/io/github/expogguf/cli/estimate/costs.txt has it (minutes; ARGS='Q4_K Q6_K' for some types)
	@$(MAVEN) -q -Pbench test-compile
	@$(JAVA_25)/bin/java --enable-native-access=ALL-UNNAMED -cp target/test-classes:target/classes io.github.expogguf.bench.Calibration $(ARGS)

bench-model: build ## print predicted times of runs beside measured ones, and those of 70B: ARGS='[millions,...] [types,...] [rounds] [cores] [GB/s read] [GB/s written]'
	@$(MAVEN) -q -Pbench test-compile
	@$(JAVA_25)/bin/java --enable-native-access=ALL-UNNAMED -cp target/test-classes:target/classes io.github.expogguf.bench.RunModel $(ARGS)

bench-peers: build ## time quantize beside programs with llama-quantize's arguments and compare the bytes: PEERS='/path/a /path/b' ARGS='[FILE or millions] [types,...] [rounds] [threads]'
	@$(MAVEN) -q -Pbench test-compile
	@PEERS='$(PEERS)' $(JAVA_25)/bin/java --enable-native-access=ALL-UNNAMED -cp target/test-classes:target/classes io.github.expogguf.bench.Peers $(ARGS)

bench-reuse: build ## time quantize and extrapolate with --reuse beside the same without: ARGS='[millions of weights] [type] [other type] [rounds]'
	@$(MAVEN) -q -Pbench test-compile
	@$(JAVA_25)/bin/java --enable-native-access=ALL-UNNAMED -cp target/test-classes:target/classes io.github.expogguf.bench.Reusing $(ARGS)

bench-rounding: build ## compare stochastic with plain rounding on the trained miniature family (minutes; ARGS='dpo-10 dpo-100' for other pairs)
	@$(JAVA_25)/bin/java $(VECTORS) -cp $(JAR) src/example/java/rounding/CompareRounding.java src/demo $(or $(ARGS),dpo-20)

bench-service: ## time eight clients that chat with a service beside the same chats one after another (ARGS='MODEL [clients] [chats] [rounds]')
	@$(MAVEN) -q -Pbench test-compile
	@$(JAVA_25)/bin/java $(VECTORS) -cp target/test-classes:target/classes io.github.expogguf.bench.Service $(ARGS)

bench-logits: ## time the tokens of a pair whose logits are extrapolated beside those of the aligned model alone (ARGS='[rounds] [millions of weights] [MODEL...]')
	@$(MAVEN) -q -Pbench test-compile
	@$(JAVA_25)/bin/java $(VECTORS) -cp target/test-classes:target/classes io.github.expogguf.bench.LogitCost $(ARGS)

bench-mixtures: build ## compare llama.cpp's mixtures with those chosen for their size (ARGS='MODEL TEXT [MODEL TEXT]...' for others; prompts in place of a text: FILE.jsonl)
	@$(JAVA_25)/bin/java $(VECTORS) -cp $(JAR) src/example/java/mixtures/CompareMixtures.java \
	  $(or $(ARGS),src/demo/guide-dpo-20-f16.gguf src/demo/calibration.txt src/demo/guide-dpo-20-f16.gguf src/demo/prompts.jsonl)

bench-launcher: build ## time what the launcher adds to a command
	@src/jmh/launcher.sh $(JAVA) $(JAVA_25) $(JAR)

run-command: build ## print the java command that runs expo-gguf without the launcher
	@echo $(JAVA_25)/bin/java $(VECTORS) -cp $(CURDIR)/$(JAR) io.github.expogguf.cli.Main

clean: ## remove what was built; the fetched libraries stay
	@rm -rf target

print-%:
	@echo $($*)
