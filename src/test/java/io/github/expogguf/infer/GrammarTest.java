package io.github.expogguf.infer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_token_data;
import io.github.expogguf.bindings.llama_token_data_array;
import io.github.expogguf.corpus.Grammars;
import io.github.expogguf.infer.Generation.FinishReason;
import io.github.expogguf.infer.token.Vocabulary;
import io.github.expogguf.testing.DemoFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that follow a grammar. */
final class GrammarTest {

    private static final String PROMPT = "<|user|>Which city rules Chile?<|assistant|>";

    /** Grammars, and what says the same to java.util.regex. */
    private static final List<List<String>> GRAMMARS = List.of(
            List.of("root ::= \"yes\" | \"no\"", "yes|no"),
            List.of("root ::= [A-Z] [a-z]+ (\" \" word){0,4} [.!?]\nword ::= [a-z]+", "[A-Z][a-z]+( [a-z]+){0,4}[.!?]"),
            List.of("root ::= \"Tha\" .{3,12} \".\"", "Tha.{3,12}\\."),
            List.of("root ::= ([0-9]{1,3} \", \")+ \"end\"", "([0-9]{1,3}, )+end"),
            List.of(
                    "root ::= [\u00e0-\u00ff]{2} [\u4e00-\u9fff]+ \"\u00e9\"",
                    "[\u00e0-\u00ff]{2}[\u4e00-\u9fff]+\u00e9"));

    private static final String JSON = """
            root   ::= object
            value  ::= object | array | string | number | ("true" | "false" | "null") ws
            object ::= "{" ws (string ":" ws value ("," ws string ":" ws value)*)? "}" ws
            array  ::= "[" ws (value ("," ws value)*)? "]" ws
            string ::= "\\"" ([^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\bfnrt] | "u" [0-9a-fA-F]{4}))* "\\"" ws
            number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9]+)? ws
            ws     ::= | " " | "\\n" [ \\t]{0,20}
            """;

    private static LlamaModel model;
    private static LlamaContext context;

    @BeforeAll
    static void load() throws Exception {
        model = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
        context = LlamaContext.open(
                model, ContextOptions.defaults().withContextTokens(128).withThreads(1));
    }

    @AfterAll
    static void close() {
        context.close();
        model.close();
    }

    private static GenerationOptions following(String grammar, int maxTokens) {
        return GenerationOptions.greedy(maxTokens).withGrammar(Grammar.parse(grammar));
    }

    /** The most likely token each time of those after which some text of the expression is possible. */
    private static String bruteForce(String expression, int maxTokens) {
        Pattern pattern = Pattern.compile(expression, Pattern.DOTALL);
        List<Integer> tokens = new ArrayList<>();
        for (int token : model.tokenizePrompt(PROMPT)) {
            tokens.add(token);
        }
        StringBuilder bytes = new StringBuilder(); // as ISO 8859-1
        for (int i = 0; i < maxTokens; i++) {
            float[] logits =
                    context.logits(tokens.stream().mapToInt(Integer::intValue).toArray());
            int best = -1;
            for (int token = 0; token < logits.length; token++) {
                if ((best < 0 || logits[token] > logits[best]) && isPossible(pattern, bytes.toString(), token)) {
                    best = token;
                }
            }
            if (model.isEndOfGeneration(best)) {
                break;
            }
            tokens.add(best);
            bytes.append(bytesOf(best));
        }
        return utf8(bytes.toString());
    }

    private static String bytesOf(int token) {
        return new String(model.requireVocabulary().piece(token, false), ISO_8859_1);
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(ISO_8859_1), UTF_8);
    }

    /** Second bytes of characters, alone for those of two and with a third one for those of three. */
    private static List<String> restsAfter(String bytes) {
        List<String> rests = new ArrayList<>(List.of(""));
        if (!bytes.isEmpty() && bytes.charAt(bytes.length() - 1) >= 0x80) {
            for (char second = 0x80; second < 0xC0; second++) {
                rests.add(String.valueOf(second));
                rests.add(second + "\u0080");
            }
        }
        return rests;
    }

    @SuppressWarnings("JdkObsolete") // hitEnd says whether more could make it match
    private static boolean isPossible(Pattern pattern, String bytes, int token) {
        if (model.isEndOfGeneration(token)) {
            return pattern.matcher(utf8(bytes)).matches();
        }
        String text = bytesOf(token);
        if (text.isEmpty()) {
            return false;
        }
        for (String rest : restsAfter(text)) {
            String whole = utf8(bytes + text + rest);
            Matcher matcher = pattern.matcher(whole);
            if (!whole.contains("\ufffd") && (matcher.matches() || matcher.hitEnd())) {
                return true;
            }
        }
        return false;
    }

    @Test
    void greedyAnswersTakeTheMostLikelyTokenThatIsAllowed() {
        for (List<String> grammar : GRAMMARS) {
            String expected = bruteForce(grammar.get(1), 24);
            Generation answer = context.generate(PROMPT, following(grammar.get(0), 24));
            assertThat(answer.text()).as(grammar.get(0)).isEqualTo(expected);
            if (answer.finishReason() != FinishReason.LENGTH) {
                assertThat(answer.text()).matches(Pattern.compile(grammar.get(1)));
            }
        }
    }

    @Test
    void aGrammarThatAllowsWhatTheModelSaysChangesNothing() {
        GenerationOptions plain = GenerationOptions.greedy(64);
        GenerationOptions seeded = plain.withSampling(SamplingOptions.seeded(5));
        Grammar anything = Grammar.parse("root ::= .*");
        assertThat(context.generate(PROMPT, plain.withGrammar(anything))).isEqualTo(context.generate(PROMPT, plain));
        assertThat(context.generate(PROMPT, seeded.withGrammar(anything))).isEqualTo(context.generate(PROMPT, seeded));
    }

    @Test
    void sampledAnswersFollowIt() {
        for (List<String> grammar : GRAMMARS.subList(0, 4)) {
            GenerationOptions how = following(grammar.get(0), 60)
                    .withSampling(SamplingOptions.seeded(3).withTemperature(1.5f));
            for (Generation answer : context.generate(List.of(PROMPT, PROMPT, PROMPT, PROMPT), how)) {
                if (answer.finishReason() == FinishReason.END_OF_GENERATION) {
                    assertThat(answer.text()).matches(Pattern.compile(grammar.get(1), Pattern.DOTALL));
                }
            }
        }
    }

    @Test
    void anAnswerEndsWithTheGrammar() {
        Generation answer = context.generate(PROMPT, following("root ::= \"Hm, Santiago\"", 60));
        assertThat(answer.text()).isEqualTo("Hm, Santiago");
        assertThat(answer.finishReason()).isEqualTo(FinishReason.END_OF_GENERATION);
        Generation nothing = context.generate(PROMPT, following("root ::= \"\"", 60));
        assertThat(nothing.text()).isEmpty();
        assertThat(nothing.finishReason()).isEqualTo(FinishReason.END_OF_GENERATION);
    }

    @Test
    void everyConversationHasItsOwn() {
        try (ChatServer server = ChatServer.open(
                model, ContextOptions.defaults().withSequences(4).withContextTokens(128))) {
            int[] prompt = model.tokenizePrompt(PROMPT);
            List<ChatAnswer> answers = new ArrayList<>();
            for (List<String> grammar : GRAMMARS) {
                answers.add(server.answer(prompt, following(grammar.get(0), 24)));
            }
            answers.add(server.answer(prompt, GenerationOptions.greedy(24)));
            for (int i = 0; i < GRAMMARS.size(); i++) {
                assertThat(answers.get(i).result().text())
                        .isEqualTo(context.generate(
                                        PROMPT, following(GRAMMARS.get(i).get(0), 24))
                                .text());
            }
            assertThat(answers.getLast().result().text())
                    .isEqualTo(context.generate(PROMPT, GenerationOptions.greedy(24))
                            .text());
        }
    }

    @Test
    void aGrammarThatCannotGoOnFailsItsAnswerAlone() {
        try (ChatServer server = ChatServer.open(
                model, ContextOptions.defaults().withSequences(2).withContextTokens(128))) {
            int[] prompt = model.tokenizePrompt(PROMPT);
            ChatAnswer failing = server.answer(prompt, following(Grammars.wide(150), 24));
            ChatAnswer other = server.answer(prompt, GenerationOptions.greedy(24));
            assertThat(other.result().text())
                    .isEqualTo(context.generate(PROMPT, GenerationOptions.greedy(24))
                            .text());
            assertThatThrownBy(failing::result)
                    .isInstanceOf(InferenceException.class)
                    .hasMessageStartingWith("the grammar can be followed in more than");
            assertThatThrownBy(() -> server.answer(prompt, following("root ::= <no such token>", 5)))
                    .isInstanceOf(InferenceException.class);
        }
    }

    @Test
    void mayNameTokens() {
        Generation answer = context.generate(PROMPT, following("root ::= \"Hi\" <|user|> [a-z]", 60));
        assertThat(answer.tokens()).contains(259);
        assertThat(answer.text()).matches("Hi<\\|user\\|>[a-z]");
        assertThatThrownBy(() -> context.generate(PROMPT, following("root ::= <nonsense>", 60)))
                .isInstanceOf(InferenceException.class)
                .hasMessage("the grammar names '<nonsense>', which is no token of the vocabulary");
        assertThatThrownBy(() -> context.stream(PROMPT, following("root ::= <[512]>", 60)))
                .isInstanceOf(InferenceException.class);
        assertThat(context.generate(PROMPT, GenerationOptions.greedy(1)).tokens())
                .hasSize(1); // still free
    }

    /** llama.cpp's own sampler, on grammars and texts that it copes with. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                JSON,
                "root ::= [A-Z] [a-z]+ (\" \" [a-z]+){0,4} [.!?]",
                "root ::= (\"-\"? [0-9]+ [-+*/=] )+ \"\\n\" root?",
                "root ::= [^a-y]* \"z\" [\u00e0-\u00ff\u4e00-\u9fff]{1,3} .",
            })
    void allowsWhatLlamaCppAllows(String grammar) {
        Vocabulary vocabulary = model.requireVocabulary();
        Random random = new Random(7);
        for (int text = 0; text < 10; text++) {
            GrammarGuide guide = new GrammarGuide(Grammar.parse(grammar), vocabulary);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment oracle = Llama.llama_sampler_init_grammar(
                        vocabulary.pointer(), arena.allocateFrom(grammar), arena.allocateFrom("root"));
                for (int step = 0; step < 25 && !guide.isAtEnd(); step++) {
                    BitSet allowed = guide.allowed();
                    assertThat(allowed).isEqualTo(allowedBy(oracle, vocabulary, arena));
                    List<Integer> choices = allowed.stream()
                            .boxed()
                            .filter(token -> !vocabulary.isEndOfGeneration(token))
                            .filter(token -> !mayBecomeWrong(vocabulary.piece(token, false)[0] & 0xFF))
                            .toList();
                    int next = choices.get(random.nextInt(choices.size()));
                    guide.accept(next);
                    Llama.llama_sampler_accept(oracle, next);
                }
                Llama.llama_sampler_free(oracle);
            }
        }
    }

    /** Bytes that not every second byte may follow, which llama.cpp does not look at. */
    private static boolean mayBecomeWrong(int first) {
        return first == 0xE0 || first == 0xED || first == 0xF0 || first == 0xF4;
    }

    /** But for control tokens, whose names llama.cpp takes for text, and bytes that are in no text. */
    private static BitSet allowedBy(MemorySegment oracle, Vocabulary vocabulary, Arena arena) {
        MemorySegment candidates = llama_token_data.allocateArray(vocabulary.size(), arena);
        for (int token = 0; token < vocabulary.size(); token++) {
            MemorySegment candidate = llama_token_data.asSlice(candidates, token);
            llama_token_data.id(candidate, token);
        }
        MemorySegment array = llama_token_data_array.allocate(arena);
        llama_token_data_array.data(array, candidates);
        llama_token_data_array.size(array, vocabulary.size());
        Llama.llama_sampler_apply(oracle, array);
        BitSet allowed = new BitSet();
        for (int token = 0; token < vocabulary.size(); token++) {
            byte[] piece = vocabulary.piece(token, false);
            boolean isText = piece.length > 0 && (piece[0] & 0xFF) < 0xF5;
            if ((isText || vocabulary.isEndOfGeneration(token))
                    && llama_token_data.logit(llama_token_data.asSlice(candidates, token)) == 0) {
                allowed.set(token);
            }
        }
        return allowed;
    }
}
