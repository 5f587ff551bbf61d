package names;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * macOS: names are in load commands (mach-o/loader.h of Apple's cctools), and a signature without a certificate, which
 * linkers add and arm64 insists on, has a SHA-256 of every page (bsd/sys/codesign.h of XNU).
 */
record MachFile(ByteBuffer bytes) implements LibraryFile {

    private static final int LC_LOAD_DYLIB = 0xc;
    private static final int LC_ID_DYLIB = 0xd;
    private static final int LC_LOAD_WEAK_DYLIB = 0x80000018;
    private static final int LC_CODE_SIGNATURE = 0x1d;
    private static final int EMBEDDED_SIGNATURE = 0xfade0cc0;
    private static final int CODE_DIRECTORY = 0xfade0c02;
    private static final int SHA256 = 2;

    @Override
    public List<Name> names() {
        List<Name> names = new ArrayList<>();
        for (int command : commands()) {
            switch (bytes.getInt(command)) {
                case LC_LOAD_DYLIB, LC_ID_DYLIB, LC_LOAD_WEAK_DYLIB ->
                    names.add(Name.at(bytes, command + bytes.getInt(command + 8)));
                default -> {}
            }
        }
        return names;
    }

    private List<Integer> commands() {
        List<Integer> commands = new ArrayList<>();
        int command = 32;
        for (int i = 0; i < bytes.getInt(16); i++) {
            commands.add(command);
            command += bytes.getInt(command + 4);
        }
        return commands;
    }

    @Override
    public void seal() throws IOException {
        for (int command : commands()) {
            if (bytes.getInt(command) == LC_CODE_SIGNATURE) {
                sign(bytes.getInt(command + 8));
            }
        }
    }

    private void sign(int signature) throws IOException {
        ByteBuffer big = bytes.duplicate().order(ByteOrder.BIG_ENDIAN);
        if (big.getInt(signature) != EMBEDDED_SIGNATURE || big.getInt(signature + 8) != 1) {
            throw new IOException("signed by somebody, or in a way that is not known here");
        }
        int directory = signature + big.getInt(signature + 16);
        int hashes = directory + big.getInt(directory + 16);
        int pages = big.getInt(directory + 28);
        int limit = big.getInt(directory + 32);
        int pageBytes = 1 << big.get(directory + 39);
        if (big.getInt(directory) != CODE_DIRECTORY
                || big.get(directory + 36) != 32
                || big.get(directory + 37) != SHA256) {
            throw new IOException("a signature that is not of SHA-256");
        }
        MessageDigest digest = OwnNames.sha256();
        for (int page = 0; page < pages; page++) {
            int start = page * pageBytes;
            digest.update(bytes.array(), start, Math.min(pageBytes, limit - start));
            System.arraycopy(digest.digest(), 0, bytes.array(), hashes + 32 * page, 32);
        }
    }
}
