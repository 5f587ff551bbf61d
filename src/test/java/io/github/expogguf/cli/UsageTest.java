package io.github.expogguf.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.terminal.ExitCode;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong and helpful words; none of these runs touches a file. */
class UsageTest {

    private static final String[] PAIR = {
        "extrapolate", "--sft", "no-s.gguf", "--aligned", "no-a.gguf", "-o", "no-o.gguf"
    };

    private static Ran extrapolate(Object... more) {
        Object[] words = new Object[PAIR.length + more.length];
        System.arraycopy(PAIR, 0, words, 0, PAIR.length);
        System.arraycopy(more, 0, words, PAIR.length, more.length);
        return Ran.run(words);
    }

    private static void assertUsage(Ran ran, String message) {
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).startsWith("expo-gguf: error: ").contains(message).doesNotContain("\tat ");
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void helpListsCommandsAndExitCodes() {
        Ran ran = Ran.run("--help");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out())
                .contains(
                        "extrapolate",
                        "quantize",
                        "plan",
                        "inspect",
                        "verify",
                        "chat",
                        "prompt",
                        "search",
                        "demo",
                        "version",
                        "generate-completion");
        for (ExitCode exitCode : ExitCode.values()) {
            assertThat(ran.out()).containsPattern("\n  " + exitCode.code() + " +\\w");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "extrapolate",
                "quantize",
                "plan",
                "inspect",
                "verify",
                "chat",
                "prompt",
                "search",
                "presets",
                "doctor",
                "demo",
                "version",
                "generate-completion",
                "help"
            })
    void everyCommandHasHelpThatFitsATerminal(String command) {
        Ran ran = Ran.run(command, "--help");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).contains("Usage: expo-gguf " + command);
        assertThat(ran.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(Ran.run("help", command).out()).isEqualTo(ran.out());
    }

    @Test
    void missingCommandNamesThemAll() {
        assertUsage(Ran.run(), "missing command; one of extrapolate, quantize, imatrix, plan");
    }

    @Test
    void misspeltCommandIsSuggested() {
        Ran ran = Ran.run("inspct");

        assertUsage(ran, "inspct");
        assertThat(ran.err()).contains("inspect");
    }

    @Test
    void misspeltOptionIsSuggested() {
        Ran ran = extrapolate("--imatrx", "x");

        assertUsage(ran, "--imatrx");
        assertThat(ran.err()).contains("--imatrix", "Try 'expo-gguf extrapolate --help'.");
    }

    @Test
    void unknownOptionsAreNamedBeforeMissingOnes() {
        assertUsage(Ran.run("quantize", "--modle", "m.gguf"), "unknown option: '--modle'; did you mean --model?\n");
        assertUsage(Ran.run("export-lora", "--foo"), "unknown option: '--foo'\n");
        assertUsage(
                Ran.run("extrapolate", "--sfd", "s.gguf", "--algined=a.gguf", "--foo"),
                "unknown options: '--sfd' (did you mean --sft?), '--algined' (did you mean --aligned?), '--foo'\n");
        assertUsage(extrapolate("--typ", "Q4_K_M"), "unknown option: '--typ'; did you mean --type?\n");
        assertUsage(extrapolate("--alfa", "1"), "unknown option: '--alfa'; did you mean --alpha?\n");
        assertUsage(extrapolate("--out", "z.gguf"), "unknown option: '--out'; did you mean --output");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "extrapolate|'--sft=FILE' (or --checkpoint), '--aligned=FILE' (or --adapter or --checkpoint), '--output=OUT' (or --dry-run)",
                "extrapolate --sft s|'--aligned=FILE' (or --adapter), '--output=OUT' (or --dry-run)",
                "quantize|'--model=FILE', '--output=OUT' (or --dry-run)",
                "export-lora|'--sft=FILE', '--aligned=FILE'",
                "compare|'--sft=FILE', '--aligned=FILE' (or --adapter)",
                "search|'--sft=FILE' (or --guide), '--aligned=FILE' (or --adapter or --guide), '--prompts=FILE' (or --preferences)",
                "search --judge x|'--sft=FILE' (or --guide), '--aligned=FILE' (or --adapter or --guide), '--prompts=FILE'",
                "listen|'--sft=FILE' (or --guide), '--aligned=FILE' (or --adapter or --guide)",
                "prompt|'--model=FILE', 'TEXT' (or --messages)",
                "generate|'--sft=FILE' (or --checkpoint or --model), '--aligned=FILE' (or --adapter or --checkpoint or --model), '--prompts=FILE', '--output=OUT'",
                "imatrix|'--sft=FILE' (or --checkpoint or --model), '--aligned=FILE' (or --adapter or --checkpoint or --model), '--text=FILE', '--output=OUT'",
                "chat|'--sft=FILE' (or --checkpoint or MODEL or --model), '--aligned=FILE' (or --adapter or --checkpoint or MODEL or --model)",
                "eval|'--sft=FILE' (or --checkpoint or --model), '--aligned=FILE' (or --adapter or --checkpoint or --model), '--text=FILE' (or --preferences or --prompts)",
                "eval --sft s|'--aligned=FILE' (or --adapter), '--text=FILE' (or --preferences or --prompts)",
                "generate --aligned a|'--sft=FILE', '--prompts=FILE', '--output=OUT'",
                "imatrix --sft s|'--aligned=FILE' (or --adapter), '--text=FILE', '--output=OUT'",
                "plan|'--sft=FILE' (or --checkpoint or --model), '--aligned=FILE' (or --adapter or --checkpoint or --model)",
            })
    void allMissingOptionsAreNamedAtOnce(String words, String missing) {
        assertUsage(Ran.run((Object[]) words.split(" ")), "missing required options: " + missing + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "extrapolate",
                "quantize",
                "export-lora",
                "compare",
                "search",
                "listen",
                "prompt",
                "generate",
                "imatrix",
                "chat",
                "eval",
                "plan"
            })
    void whatStandsForAMissingOptionIsWhatTheHelpSays(String command) {
        String help = Ran.run(command, "--help").out().replaceAll("\\s+", " ");
        String message = Ran.run(command).err();
        Matcher missing =
                Pattern.compile("'(--[a-z-]+|TEXT)[^']*'(?: \\(or ([^)]*)\\))?").matcher(message);
        int count = 0;
        for (; missing.find(); count++) {
            String others = missing.group(2) == null ? "" : ", or " + missing.group(2);
            assertThat(help).containsPattern(missing.group(1) + "\\S* Required" + others + "\\. ");
        }
        assertThat(count).isPositive();
    }

    @Test
    void whatIsMissingIsWhatTheCommandTakes() {
        assertUsage(Ran.run("prompt", "-m", "no.gguf"), "missing required option: 'TEXT' (or --messages)\n");
        assertUsage(Ran.run("generate", "-m", "no.gguf", "-o", "no"), "missing required option: '--prompts=FILE'\n");
        assertUsage(
                Ran.run("eval", "--alpha", "1"),
                "missing required options: '--sft=FILE' (or --checkpoint or --model), '--aligned=FILE' (or --adapter or"
                        + " --checkpoint or --model), '--text=FILE' (or --preferences or --prompts)\n");
        assertUsage(Ran.run("prompt", "hello"), "missing required option: '--model=FILE'\n");
        assertUsage(Ran.run("chat", "--sft", "s"), "missing required option: '--aligned=FILE' (or --adapter)\n");
        assertUsage(Ran.run("plan", "--adapter", "a"), "missing required option: '--sft=FILE'\n");
    }

    /** llama-imatrix calls them so; in all other commands these options are of the context of answers. */
    @ParameterizedTest
    @ValueSource(strings = {"-c", "--ctx-size"})
    void tokensOfAChunkHaveTheirOption(String option) {
        assertUsage(
                Ran.run("imatrix", "-m", "m", "--text", "t", option, "64", "-o", "o"),
                "unknown option: '" + option + "'; did you mean --chunk?\n");
    }

    /** llama-imatrix and llama-perplexity call it so. */
    @ParameterizedTest
    @ValueSource(strings = {"-f", "--file"})
    void theTextHasItsOption(String option) {
        for (String command : List.of("imatrix", "eval")) {
            assertUsage(
                    Ran.run(command, "-m", "m", option, "t.txt"),
                    "unknown option: '" + option + "'; did you mean --text?\n");
        }
    }

    @Test
    void twoLettersThatChangedPlacesAreOneMistake() {
        assertUsage(extrapolate("--tpye", "Q4_K_M"), "unknown option: '--tpye'; did you mean --type?\n");
        assertUsage(Ran.run("help", "extrapolat"), "there is no command 'extrapolat'; did you mean extrapolate?\n");
        assertUsage(extrapolate("--profile", "attnetion"), "; did you mean attention-half?\n");
        assertUsage(Ran.run("qauntize"), "there is no command 'qauntize'; did you mean quantize?\n");
    }

    @Test
    void aFileWithoutANameIsNone() {
        assertUsage(Ran.run("plan", "--sft=a.gguf", "--aligned="), ": there is no name, expected that of a file\n");
    }

    @Test
    void theFormOfLlamaQuantizeIsAnsweredWithOurs() {
        String form = "files are named by options: expo-gguf quantize ";

        assertUsage(
                Ran.run("quantize", "SFT.gguf", "OUT.gguf", "Q4_K_M"),
                form + "-m SFT.gguf -o OUT.gguf --type Q4_K_M\n");
        assertUsage(
                Ran.run("quantize", "--pure", "SFT.gguf", "OUT.gguf", "Q4_K_M", "8"),
                form + "--pure -m SFT.gguf -o OUT.gguf --type Q4_K_M --threads 8\n");
    }

    /** The whole command as it was meant, to be copied. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "compare a.gguf b.gguf|files are named by options: expo-gguf compare --sft a.gguf --aligned b.gguf",
                "extrapolate a.gguf b.gguf --type Q8_0 -o c.gguf|files are named by options: expo-gguf extrapolate --sft a.gguf --aligned b.gguf --type Q8_0 -o c.gguf",
                "extrapolate --sft a.gguf b.gguf c.gguf Q8_0|files are named by options: expo-gguf extrapolate --sft a.gguf --aligned b.gguf -o c.gguf --type Q8_0",
                "extrapolate --sft a.gguf --adapter l.gguf c.gguf|files are named by options: expo-gguf extrapolate --sft a.gguf --adapter l.gguf -o c.gguf",
                "search a.gguf b.gguf --prompts p|files are named by options: expo-gguf search --sft a.gguf --aligned b.gguf --prompts p",
                "listen a.gguf b.gguf|files are named by options: expo-gguf listen --sft a.gguf --aligned b.gguf",
                "plan a.gguf --type Q4_K|files are named by options: expo-gguf plan -m a.gguf --type Q4_K",
                "plan a.gguf b.gguf|files are named by options: expo-gguf plan --sft a.gguf --aligned b.gguf",
                "plan --sft a.gguf b.gguf|files are named by options: expo-gguf plan --sft a.gguf --aligned b.gguf",
                "eval a.gguf --text t|files are named by options: expo-gguf eval -m a.gguf --text t",
                "imatrix a.gguf t.txt|files are named by options: expo-gguf imatrix -m a.gguf --text t.txt -o OUT.gguf",
                "generate a.gguf p.jsonl -o d|files are named by options: expo-gguf generate -m a.gguf --prompts p.jsonl -o d",
                "export-lora a.gguf b.gguf|files are named by options: expo-gguf export-lora --sft a.gguf --aligned b.gguf -o OUT.gguf",
                "verify o.gguf a.gguf b.gguf|files are named by options: expo-gguf verify o.gguf --sft a.gguf --aligned b.gguf",
                "verify o.gguf a.gguf|files are named by options: expo-gguf verify o.gguf --aligned a.gguf",
                "verify o.gguf --sft s a.gguf|files are named by options: expo-gguf verify o.gguf --sft s --aligned a.gguf",
                "verify --sft s|missing FILE: expo-gguf verify --sft s FILE",
                "inspect|missing FILE: expo-gguf inspect FILE",
                "inspect a.gguf b.gguf|'inspect' takes one file, and there are 2: 'a.gguf', 'b.gguf'; name one, as in: expo-gguf inspect a.gguf",
                "prompt -m a.gguf Which city|a text of several words is put in quotes: expo-gguf prompt -m a.gguf 'Which city'",
                "prompt a.gguf hello|files are named by options: expo-gguf prompt -m a.gguf hello",
                "prompt -m a hello --messages m|'hello' and --messages exclude each other: give one or the other:|expo-gguf prompt -m a hello|expo-gguf prompt -m a --messages m",
                "quantize -m a.gguf -o b.gguf Q4_K_M|the type is named by an option: expo-gguf quantize -m a.gguf -o b.gguf --type Q4_K_M",
                "quantize -m a.gguf -o b.gguf --type Q4_K_M Q8_0|several values of --type are joined by commas: expo-gguf quantize -m a.gguf -o b.gguf --type Q4_K_M,Q8_0",
                "extrapolate a.gguf b.gguf|files are named by options: expo-gguf extrapolate --sft a.gguf --aligned b.gguf -o OUT.gguf",
                "chat a.gguf b.gguf --alpha 0.3|files are named by options: expo-gguf chat --sft a.gguf --aligned b.gguf --alpha 0.3",
                "chat a.gguf b.gguf|files are named by options: expo-gguf chat --sft a.gguf --aligned b.gguf",
                "chat a.gguf Q8_0|the type is named by an option: expo-gguf chat a.gguf --type Q8_0",
                "chat a.gguf --alpha 0.3|'a.gguf' is one model, and --alpha is of a pair: give one or the other:|expo-gguf chat --sft SFT.gguf --aligned a.gguf --alpha 0.3|expo-gguf chat a.gguf",
                "chat a.gguf --sft b.gguf|'a.gguf' is one model, and --sft is of a pair: give one or the other:|expo-gguf chat --aligned a.gguf --sft b.gguf|expo-gguf chat a.gguf",
                "chat a.gguf --aligned b.gguf|'a.gguf' is one model, and --aligned is of a pair: give one or the other:|expo-gguf chat --sft a.gguf --aligned b.gguf|expo-gguf chat a.gguf",
                "chat --sft s --aligned b a.gguf|'a.gguf' is one model, and --sft, --aligned are of a pair: give one or the other:|expo-gguf chat --sft s --aligned b|expo-gguf chat a.gguf",
                "chat a.gguf -m b.gguf|'a.gguf' and -m exclude each other: give one or the other:|expo-gguf chat a.gguf|expo-gguf chat -m b.gguf",
                "plan -m a.gguf --alpha 1|-m is one model, and --alpha is of a pair: give one or the other:|expo-gguf plan --sft SFT.gguf --aligned a.gguf --alpha 1|expo-gguf plan -m a.gguf",
                "eval -m a --adapter l --text t|-m is one model, and --adapter is of a pair: give one or the other:|expo-gguf eval --sft a --adapter l --text t|expo-gguf eval -m a --text t",
                "imatrix -m a --sft s --text t -o o|-m is one model, and --sft is of a pair: give one or the other:|expo-gguf imatrix --aligned a --sft s --text t -o o|expo-gguf imatrix -m a --text t -o o",
                "generate -m a --to 5 --prompts p -o o|-m is one model, and --to is of a pair: give one or the other:|expo-gguf generate -m a --prompts p -o o",
                "plan -m a -m b|-m takes one value, and there are 2: 'a', 'b'; name the one that is meant, or both as a pair: expo-gguf plan --sft a --aligned b",
                "compare --sft a --sft b|--sft takes one value, and there are 2: 'a', 'b'; name the one that is meant, or both as a pair: expo-gguf compare --sft a --aligned b",
                "compare --sft a --aligned b --aligned c|--aligned takes one value, and there are 2: 'b', 'c'; name the one that is meant",
                "compare --sft a --aligned b --tensors --tensors|--tensors is given more than once: expo-gguf compare --sft a --aligned b --tensors",
                "compare --sft --aligned b|--sft takes a value, FILE, and '--aligned' stands in its place",
                "plan --sft a --aligned b --type|--type takes a value, TYPE, and there is none behind it",
                "extrapolate --sft a --aligned b -o o --resume --discard-partial|--resume and --discard-partial exclude each other: give one or the other:|expo-gguf extrapolate --sft a --aligned b -o o --resume|expo-gguf extrapolate --sft a --aligned b -o o --discard-partial",
            })
    void wordsThatDoNotGoTogetherAreAnsweredWithThoseThatDo(String typedAndSaid) {
        String[] lines = typedAndSaid.split("\\|");
        String said = Stream.of(lines).skip(1).collect(joining("\n  "));
        assertUsage(Ran.run((Object[]) lines[0].split(" ")), "error: " + said + "\nTry ");
    }

    /** The shell puts the names of all files in the place of a pattern. */
    @Test
    void patternsThatMatchSeveralFilesAreNamed() {
        String like = "src/demo/guide-sft-f16.gguf";
        String other = "src/demo/guide-dpo-20-f16.gguf";
        String words = " takes one file, and there are 2 behind it, as where a pattern matches several: '" + like
                + "', '" + other + "'; name the one that is meant, of a model in shards the first\n";

        assertUsage(Ran.run("plan", "--sft", "a", "--aligned", "b", "--like", like, other), "--like" + words);
        assertUsage(Ran.run("compare", "--sft", like, other, "--aligned", other), "--sft" + words);
        assertUsage(Ran.run("quantize", "-m", like, other, "--type", "Q8_0"), "-m" + words);
        assertUsage(Ran.run("verify", "o.gguf", "--aligned", like, other), "--aligned" + words);
        assertUsage(Ran.run("chat", "--sft", like, other, "--aligned", "b"), "--sft" + words);
        assertUsage(
                Ran.run("plan", "--sft", "a", "--aligned", "b", "--like", like, "c"),
                "the word 'c' belongs to no option\n");
    }

    /** In quotes they reach the program, whose option takes one file. */
    @Test
    void patternsInQuotesAreNamedWithTheirOption() {
        String pattern = "src/demo/guide-*-f16.gguf";
        String matching = ": no such file; %s takes the name of one file, and this is a pattern: it matches"
                + " 'src/demo/guide-dpo-";
        String folder = "src/test/resources/folders/llama/";
        assertThat(Ran.run("plan", "--sft", folder + "sft", "--aligned", folder + "aligned", "--like", pattern)
                        .err())
                .startsWith("expo-gguf: error: " + pattern + matching.formatted("--like"));
        assertThat(Ran.run("plan", "-m", pattern).err())
                .startsWith("expo-gguf: error: " + pattern + matching.formatted("-m"));
        assertThat(Ran.run("plan", "--sft=" + pattern, "--aligned", "src/demo/guide-dpo-20-f16.gguf")
                        .err())
                .startsWith("expo-gguf: error: " + pattern + matching.formatted("--sft"));
        assertThat(Ran.run("inspect", pattern).err())
                .startsWith("expo-gguf: error: " + pattern + matching.formatted("'inspect'"));
        assertThat(Ran.run("inspect", "src/demo/no-*.gguf").err())
                .endsWith(
                        ": no such file; 'inspect' takes the name of one file, and this is a pattern: no file matches it\n");
        assertThat(Ran.run("inspect", "src/demo/none.gguf").err()).endsWith(": no such file\n");
    }

    @Test
    void theFormerWayToWriteJsonSaysThePresent() {
        for (String command : List.of("search", "listen")) {
            Ran ran = Ran.run(command, "--sft", "no-s.gguf", "--aligned", "no-a.gguf", "--json", "s.json");

            assertThat(ran.exitCode()).isEqualTo(2);
            assertThat(ran.err())
                    .contains("the word 's.json' belongs to no option; --json prints to stdout, --json-file FILE writes"
                            + " to a file\n");
        }
    }

    @Test
    void presetsTakeNoName() {
        assertUsage(
                Ran.run("presets", "zephyr-7b-beta"),
                "'presets' lists all of them and takes no name; 'expo-gguf extrapolate --preset zephyr-7b-beta' uses this"
                        + " one\n");
        assertUsage(Ran.run("presets", "zephyr-7b-bta"), "takes no name; did you mean zephyr-7b-beta?\n");
    }

    @Test
    void partsOfTheNameOfAnOptionAreUnderstood() {
        assertUsage(Ran.run("listen", "--alphas", "1"), "unknown option: '--alphas'; did you mean --max-alpha?\n");
        assertUsage(Ran.run("listen", "--max", "1"), "unknown option: '--max'; did you mean --max-alpha?\n");
        assertUsage(Ran.run("search", "--alpha", "1"), "unknown option: '--alpha'; did you mean --alphas?\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--type", "--target-size", "--target-bpw", "--alpha", "--distance", "--adapter", "--profile"})
    void listsOfNothingAreRefused(String option) {
        assertUsage(
                Ran.run("plan", "--sft", "s.gguf", "--aligned", "a.gguf", option, ","),
                "invalid value for option '" + option + "' (");
        assertUsage(Ran.run("plan", "--sft", "s.gguf", "--aligned", "a.gguf", option + "=,,"), "',,' has no value\n");
    }

    @Test
    void distancesWithoutTheirSignSayHowTheyAreWritten() {
        assertUsage(
                extrapolate("--distance", "3,5"),
                "'3' is not a percentage above 0, as in 1.2%; every value has its sign, as in 3% or 3%,5%, and a point"
                        + " before decimals, as in 3.5%; --alpha takes the weight of the difference itself\n");
    }

    @Test
    void presetsMayBeRepositories() {
        assertThat(extrapolate("--preset", "HuggingFaceH4/zephyr-7b-beta").exitCode())
                .isEqualTo(5); // the files are not there
        assertUsage(extrapolate("--preset", "HuggingFaceH4/zephyr-7b-bta"), "; did you mean zephyr-7b-beta");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--type|q4km|; did you mean Q4_K_M",
                "--type|q4k|; did you mean Q4_K_S or Q4_K_M",
                "--type|Q4_KM|; did you mean Q4_K_M",
                "--tensor-type|attn_q=q8_1_|'q8_1_' is not a tensor type, as Q4_K, Q6_K, Q8_0 and F16 are; did you mean Q8_1",
                "--preset|zephyr-7b-bta|; did you mean zephyr-7b-beta",
                "--preset|zephyr-7b|; did you mean zephyr-7b-",
                "--profile|no-norm|'no-norm' is not a profile; it is one of paper no-norms attention-half depth; did you mean no-norms?",
                "--rounding|stochastik|'stochastik' is none of auto, nearest, stochastic; did you mean stochastic?",
            })
    void namesThatAreSimilarAreSuggested(String option, String value, String message) {
        assertUsage(extrapolate(option, value), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "search --score|marign|judge, reward, margin, none; did you mean margin?",
                "search --margin|per-tokens|per-token, plain; did you mean per-token?",
                "generate --format|alpaca|jsonl, alpaca-eval; did you mean alpaca-eval?"
            })
    void namesOfAFewAreSuggestedInEveryCommand(String words, String value, String message) {
        String[] command = words.split(" ");
        assertUsage(
                Ran.run(command[0], "--sft", "no-s.gguf", "--aligned", "no-a.gguf", command[1], value),
                "'" + value + "' is none of " + message);
    }

    @Test
    void directoryInPlaceOfAFileOfOptionsIsAWrongOption(@TempDir Path directory) {
        assertUsage(
                Ran.run("@" + directory),
                "'@" + directory + "': @ before a name reads further words from that file, and " + directory
                        + " is no file that can be read");
    }

    @Test
    void unknownFileTypeListsTheKnown() {
        Ran ran = extrapolate("--type", "Q9_K");

        assertUsage(ran, "; it is one of F32 F16");
        assertThat(ran.err()).contains("IQ4_XS", "Q4_K_M", "COPY");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q4_K_M", "q4_k_m", "Q4_K", "15", "0", "copy", "mxfp4_moe"})
    void fileTypesAreNamesAliasesOrNumbers(String type) {
        assertThat(extrapolate("--type", type).exitCode()).isNotEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--alpha|x|'x' is not a number",
                "--alpha|NaN|'NaN' is not a finite number",
                "--alpha|1e39|'1e39' is not a finite number",
                "--alpha|1e-400|'1e-400' is too small to be another number than 0",
                "--alpha|-0x1p-200|'-0x1p-200' is too small to be another number than 0",
                "--alpha|0:1e-400:1|'1e-400' is too small to be another number than 0",
                "--rule|ffn=1e-50|'1e-50' is too small to be another number than 0",
                "--rule|ffn=*0.5..1e-50|'1e-50' is too small to be another number than 0",
                "--adapter|a.gguf=1e-50|'1e-50' is too small to be another number than 0",
                "--delta|a.gguf,b.gguf,1e-50|'1e-50' is too small to be another number than 0",
                "--max-distance|1e-400%|'1e-400%' is too small to be another number than 0",
                "--override-kv|a.b=float:1e-50|'1e-50' is too small to be another number than 0",
                "--steps|0,1e-400,2|'1e-400' is too small to be another number than 0",
                "--steps|-1e300,0,1|the step is too near to that of the aligned model for an alpha that is another",
                "--type|39|'NVFP4' is a file type that llama.cpp does not write, either; write one of F32 F16",
                "--type|-1|'-1' is not a file type",
                "--tensor-type|attn_q|'attn_q' is not REGEX=TYPE",
                "--tensor-type|=q8_0|'=q8_0' is not REGEX=TYPE",
                "--tensor-type|attn_(=q8_0|Unclosed group in the expression",
                "--tensor-type|attn_q=q4_k_m|'q4_k_m' is not a tensor type",
                "--output-tensor-type|Q4_K_M|'Q4_K_M' is not a tensor type",
                "--token-embedding-type|x|'x' is not a tensor type",
                "--override-kv|a.b|'a.b' is not KEY=TYPE:VALUE",
                "--override-kv|a.b=int:x|the value is not a number",
                "--override-kv|a.b=bool:yes|'yes' is neither true nor false",
                "--override-kv|a.b=u8:1|the type is int, float, bool or str",
                "--split-max-size|2|'2' is not a size such as 500M or 2G",
                "--split-max-size|0G|'0G' is not a size of a file",
                "--split-max-size|99999999999999G|'99999999999999G' is not a size of a file",
                "--threads|0|'0' is not a number of threads",
                "--threads|-3|'-3' is not a number of threads",
                "--threads|many|'many' is not a number of threads",
            })
    void valuesAreCheckedBeforeAnyFileIsTouched(String option, String value, String message) {
        assertUsage(extrapolate(option, value), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--temp", "--top-p", "--min-p", "--repeat-penalty", "--presence-penalty"})
    void numbersThatBecomeZeroAreRefused(String option) {
        String tiny = "1e-400";
        assertUsage(
                Ran.run("generate", "-m", "m.gguf", "--prompts", "p.jsonl", option, tiny, "-o", "out"),
                "'1e-400' is too small to be another number than 0");
    }

    @Test
    void shardOptionsExcludeEachOther() {
        assertUsage(
                extrapolate("--keep-split", "--split-max-size", "2G"),
                "--split-max-size and --keep-split exclude each other: give one or the other:\n");
    }

    @Test
    void outputIsNeededUnlessNothingIsWritten() {
        Ran ran = Ran.run("extrapolate", "--sft", "no-s.gguf", "--aligned", "no-a.gguf");

        assertUsage(ran, "issing required option: '--output=OUT'");
        assertThat(Ran.run("extrapolate", "--sft", "no-s.gguf", "--aligned", "no-a.gguf", "--dry-run")
                        .exitCode())
                .isEqualTo(5);
    }

    @Test
    void planTakesAPairOrAModel() {
        assertUsage(
                Ran.run("plan"),
                "missing required options: '--sft=FILE' (or --checkpoint or --model), '--aligned=FILE' (or --adapter or"
                        + " --checkpoint or --model)\n");
        assertUsage(Ran.run("plan", "--sft", "no.gguf"), "--aligned=FILE");
        assertUsage(
                Ran.run("plan", "--sft", "no.gguf", "--aligned", "no.gguf", "-m", "no.gguf"),
                "-m is one model, and --sft, --aligned are of a pair: give one or the other:\n");
    }

    @Test
    void usageErrorsAreJsonToo() {
        Ran ran = extrapolate("--json", "--alpha", "x");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.json().get("schema").getAsString()).isEqualTo("expo-gguf/error/1");
        assertThat(ran.json().getAsJsonObject("error").get("exitCode").getAsInt())
                .isEqualTo(2);
        assertThat(ran.json().getAsJsonObject("error").get("kind").getAsString())
                .isEqualTo("usage");
    }

    @Test
    void completionScriptKnowsCommandsAndTypes() {
        Ran ran = Ran.run("generate-completion");

        assertThat(ran.exitCode()).isZero();
        assertThat(Ran.run("generate-completion", "--help").out())
                .contains("\n  source <(expo-gguf generate-completion)\n", "~/.bashrc", "~/.zshrc");
        assertThat(ran.out()).startsWith("#!/usr/bin/env bash").contains("extrapolate", "--tensor-type");
        // The script names its variables after the labels, so that one label must not stand for two lists.
        assertThat(ran.out()).contains("\"auto\" \"nearest\" \"stochastic\"", "\"per-token\" \"plain\"");
        assertThat(ran.out()).contains("local TYPE_option_args=(\"F32\"").contains("local TENSOR_TYPE_option_args=(");
    }
}
