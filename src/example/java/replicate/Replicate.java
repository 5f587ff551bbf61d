package replicate;

import io.github.expogguf.gguf.FileType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The paper's experiment (arXiv 2404.16792: training on less, then extrapolating) with a miniature family: searches
 * alpha for models aligned on 10, 20 and 100 % of the preferences, with F16 and with Q4_K_M weights, and compares the
 * rewards with those of PyTorch. Arguments: the family's directory, and where the picture goes. Ends with 1 if a claim
 * does not hold.
 */
public final class Replicate {

    private static final List<FileType> TYPES = List.of(FileType.F16, FileType.Q4_K_M);

    private Replicate() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        long start = System.nanoTime();
        Family family = Family.read(Path.of(arguments[0]));
        List<Listening.Heard> heard = listen(family);
        for (FileType type : TYPES) {
            List<Listening.Heard> ofType =
                    heard.stream().filter(one -> one.type() == type).toList();
            System.out.println(Tables.ofType(type, ofType));
        }
        List<Ways.Taken> ways = new Ways(family).all();
        System.out.println(Ways.table(ways));
        List<Logits.Compared> logits = Logits.all(family);
        System.out.println(Logits.table(logits));
        List<Claims.Claim> claims = new ArrayList<>(Claims.of(family, heard));
        claims.addAll(Ways.claims(ways));
        claims.addAll(Logits.claims(logits));
        claims.forEach(System.out::println);
        Path picture = Path.of(arguments[1]);
        Files.writeString(picture, Picture.of(family, heard));
        System.out.printf(Locale.ROOT, "%npicture: %s; %.0f s in all%n", picture, (System.nanoTime() - start) / 1e9);
        if (!claims.stream().allMatch(Claims.Claim::holds)) {
            System.exit(1);
        }
    }

    /** One thread per pair: miniature models do not keep several busy. */
    private static List<Listening.Heard> listen(Family family) throws Exception {
        int threads = Runtime.getRuntime().availableProcessors();
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            List<Future<Listening.Heard>> jobs = new ArrayList<>();
            for (FileType type : TYPES) {
                for (String pair : Family.PAIRS) {
                    jobs.add(workers.submit(() -> Listening.listen(family, pair, type)));
                }
            }
            List<Listening.Heard> heard = new ArrayList<>();
            for (Future<Listening.Heard> job : jobs) {
                heard.add(job.get());
                System.err.printf("%d of %d searched%n", heard.size(), jobs.size());
            }
            return heard;
        }
    }
}
