package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Strings;
import io.github.expogguf.infer.jinja.value.Work;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.time.temporal.IsoFields;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code datetime.now().strftime(format)} as Python gives it on Linux in the C locale: no zone, English names. */
final class Strftime {

    private final ZonedDateTime now;

    private Strftime(ZonedDateTime now) {
        this.now = now;
    }

    static String format(String format, ZonedDateTime now, Work work) throws JinjaException {
        work.charge(format.length());
        Strftime strftime = new Strftime(now);
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            int end = c == '%' ? specificationEnd(format, i + 1) : -1;
            if (end < 0) {
                result.append(c);
                continue;
            }
            work.chargeObjects(16); // looking up a name takes several
            String text = strftime.padded(format.substring(i + 1, end), format.charAt(end), work);
            result.append(text == null ? format.substring(i, end + 1) : text);
            i = end;
        }
        return result.toString();
    }

    /** Where the letter of a specification stands, behind its flags, width and modifier; -1 if there is none. */
    private static int specificationEnd(String format, int from) {
        int at = from;
        while (at < format.length() && "_-0^#".indexOf(format.charAt(at)) >= 0) {
            at++;
        }
        while (at < format.length() && Character.isDigit(format.charAt(at))) {
            at++;
        }
        if (at < format.length() && (format.charAt(at) == 'E' || format.charAt(at) == 'O')) {
            at++;
        }
        return at < format.length() ? at : -1;
    }

    /** A field; null if the letter means nothing. */
    private record Field(String text, int width, char fill) {}

    private @Nullable String padded(String flags, char letter, Work work) throws JinjaException {
        Field field = field(letter);
        if (field == null) {
            return null;
        }
        String text = field.text();
        char fill = field.fill();
        int width = field.width();
        int given = 0;
        for (int i = 0; i < flags.length(); i++) {
            char flag = flags.charAt(i);
            switch (flag) {
                case '_' -> fill = ' ';
                case '-' -> width = 0;
                case '^' -> text = text.toUpperCase(Locale.ROOT);
                case '#' ->
                    text = letter == 'p' || letter == 'Z'
                            ? text.toLowerCase(Locale.ROOT)
                            : text.toUpperCase(Locale.ROOT);
                default -> {
                    if (Character.isDigit(flag)) {
                        fill = flag == '0' && given == 0 ? '0' : fill;
                        given = Math.min(given * 10 + (flag - '0'), 1 << 20);
                    }
                }
            }
        }
        width = given > 0 ? given : width;
        return Strings.repeat(String.valueOf(fill), width - text.length(), work) + text;
    }

    private static Field number(long value, int width) {
        return new Field(Long.toString(value), width, '0');
    }

    private static Field blank(long value, int width) {
        return new Field(Long.toString(value), width, ' ');
    }

    private static Field text(String text) {
        return new Field(text, 0, ' ');
    }

    private Field several(String format) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            if (format.charAt(i) != '%') {
                result.append(format.charAt(i));
                continue;
            }
            Field field = Objects.requireNonNull(field(format.charAt(++i)));
            result.append(String.valueOf(field.fill())
                    .repeat(Math.max(0, field.width() - field.text().length())));
            result.append(field.text());
        }
        return text(result.toString());
    }

    private @Nullable Field field(char letter) {
        int hour12 = now.getHour() % 12 == 0 ? 12 : now.getHour() % 12;
        int weekday = now.getDayOfWeek().getValue(); // Monday is 1
        return switch (letter) {
            case 'a' -> text(now.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
            case 'A' -> text(now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 'b', 'h' ->
                text(now.getMonth()
                        .getDisplayName(TextStyle.FULL, Locale.ENGLISH)
                        .substring(0, 3));
            case 'B' -> text(now.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 'c' -> several("%a %b %e %H:%M:%S %Y");
            case 'C' -> number(now.getYear() / 100, 2);
            case 'd' -> number(now.getDayOfMonth(), 2);
            case 'D', 'x' -> several("%m/%d/%y");
            case 'e' -> blank(now.getDayOfMonth(), 2);
            case 'f' -> number(now.getNano() / 1000, 6);
            case 'F' -> several("%Y-%m-%d");
            case 'g' -> number(now.get(IsoFields.WEEK_BASED_YEAR) % 100, 2);
            case 'G' -> number(now.get(IsoFields.WEEK_BASED_YEAR), 4);
            case 'H' -> number(now.getHour(), 2);
            case 'I' -> number(hour12, 2);
            case 'j' -> number(now.getDayOfYear(), 3);
            case 'k' -> blank(now.getHour(), 2);
            case 'l' -> blank(hour12, 2);
            case 'm' -> number(now.getMonthValue(), 2);
            case 'M' -> number(now.getMinute(), 2);
            case 'n' -> text("\n");
            case 'p' -> text(now.getHour() < 12 ? "AM" : "PM");
            case 'P' -> text(now.getHour() < 12 ? "am" : "pm");
            case 'r' -> several("%I:%M:%S %p");
            case 'R' -> several("%H:%M");
            case 's' -> number(now.toEpochSecond(), 0);
            case 'S' -> number(now.getSecond(), 2);
            case 't' -> text("\t");
            case 'T', 'X' -> several("%H:%M:%S");
            case 'u' -> number(weekday, 1);
            case 'U' -> number((now.getDayOfYear() + 6 - weekday % 7) / 7, 2);
            case 'V' -> number(now.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2);
            case 'w' -> number(weekday % 7, 1);
            case 'W' -> number((now.getDayOfYear() + 6 - (weekday - 1)) / 7, 2);
            case 'y' -> number(now.getYear() % 100, 2);
            case 'Y' -> number(now.getYear(), 0);
            case 'z', 'Z' -> text("");
            case '%' -> text("%");
            default -> null;
        };
    }
}
