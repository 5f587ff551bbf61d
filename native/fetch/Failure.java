package fetch;

import java.io.IOException;

/** What cannot be done, in one line for whoever builds. */
final class Failure extends IOException {

    private static final long serialVersionUID = 1L;

    /** A program of this directory. */
    interface Program {
        void run() throws IOException;
    }

    Failure(String message) {
        super(message);
    }

    /** Runs a program; a failure ends the process with its line, and anything else with all that is known of it. */
    static void endWith(String name, Program program) {
        try {
            program.run();
        } catch (Failure e) {
            System.err.println(name + ": " + e.getMessage());
            System.exit(1);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
