package replicate;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.search.Trial;
import java.util.List;
import java.util.Locale;

/** The curves as SVG: reward over alpha for every pair, greedy and sampled, PyTorch's means as dots. */
final class Picture {

    private static final int WIDTH = 760;
    private static final int HEIGHT = 330;
    private static final int PANEL = 340;
    private static final int TOP = 40;
    private static final int BOTTOM = 280;
    private static final double LEAST = -0.5;
    private static final double MOST = 3;
    private static final List<String> COLORS = List.of("#c2571a", "#2a7f9e", "#6a4fb3");

    private final Family family;
    private final StringBuilder svg = new StringBuilder();

    private Picture(Family family) {
        this.family = family;
    }

    static String of(Family family, List<Listening.Heard> heard) {
        Picture picture = new Picture(family);
        picture.draw(heard.stream().filter(one -> one.type() == FileType.F16).toList());
        return picture.svg.toString();
    }

    private void draw(List<Listening.Heard> pairs) {
        add("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d'", WIDTH, HEIGHT);
        add("font-family='sans-serif' font-size='12'>");
        add("<rect width='100%%' height='100%%' fill='#fff'/>");
        for (int panel = 0; panel < 2; panel++) {
            boolean isGreedy = panel == 0;
            double left = 50 + panel * (PANEL + 20);
            axes(left, isGreedy ? "greedy" : "sampled at temperature 0.7");
            for (int i = 0; i < pairs.size(); i++) {
                Listening.Heard heard = pairs.get(i);
                curve(left, heard.pair(), isGreedy ? heard.greedy() : heard.sampled(), isGreedy, COLORS.get(i));
            }
        }
        for (int i = 0; i < pairs.size(); i++) {
            double x = 50 + 110 * i;
            add("<rect x='%.1f' y='%d' width='14' height='4' fill='%s'/>", x, HEIGHT - 14, COLORS.get(i));
            add(
                    "<text x='%.1f' y='%d' fill='#222'>%s</text>",
                    x + 20, HEIGHT - 9, pairs.get(i).pair());
        }
        add("<text x='400' y='%d' fill='#222'>dots: PyTorch, float32</text>", HEIGHT - 9);
        add("</svg>");
    }

    private void axes(double left, String title) {
        add("<text x='%.1f' y='20' fill='#222'>reward, %s</text>", left, title);
        for (double reward = 0; reward <= MOST; reward++) {
            double y = y(reward);
            add("<line x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f' stroke='#ddd'/>", left, left + PANEL - 20, y, y);
            add("<text x='%.1f' y='%.1f' fill='#222' text-anchor='end'>%.0f</text>", left - 6, y + 4, reward);
        }
        for (float alpha : new float[] {0, 0.5f, 1, 2, 3, 5, 8}) {
            String number = Tables.number(alpha);
            add("<text x='%.1f' y='%d' text-anchor='middle'>%s</text>", left + x(alpha), BOTTOM + 18, number);
        }
        add("<text x='%.1f' y='%d' fill='#222' text-anchor='end'>alpha</text>", left + PANEL - 20, BOTTOM + 32);
    }

    private void curve(double left, String pair, SearchResult result, boolean isGreedy, String color) {
        StringBuilder line = new StringBuilder();
        StringBuilder upper = new StringBuilder();
        StringBuilder lower = new StringBuilder();
        for (Trial trial : result.trials()) {
            Estimate reward = Estimate.of(trial.evaluation().scores());
            double x = left + x(trial.alpha());
            line.append(format("%.1f,%.1f ", x, y(reward.mean())));
            upper.append(format("%.1f,%.1f ", x, y(reward.mean() + reward.error())));
            lower.insert(0, format("%.1f,%.1f ", x, y(reward.mean() - reward.error())));
        }
        add("<polygon points='%s%s' fill='%s' opacity='0.18'/>", upper, lower, color);
        add("<polyline points='%s' fill='none' stroke='%s' stroke-width='2'/>", line, color);
        for (Trial trial : result.trials()) {
            Family.Rewards pytorch = family.curves().get(pair).get(trial.alpha());
            double reward = isGreedy ? pytorch.greedy() : pytorch.sampled();
            add("<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>", left + x(trial.alpha()), y(reward), color);
        }
    }

    /** Small alphas get room: the square root, which can show 0. */
    private static double x(double alpha) {
        return Math.sqrt(alpha / 8) * (PANEL - 20);
    }

    private static double y(double reward) {
        return BOTTOM - (reward - LEAST) / (MOST - LEAST) * (BOTTOM - TOP);
    }

    private void add(String format, Object... arguments) {
        svg.append(format(format, arguments)).append('\n');
    }

    private static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
