package names;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Windows: names are in the directories of exports and imports (Microsoft's PE format, {@code .edata} and {@code .idata}). */
record PeFile(ByteBuffer bytes) implements LibraryFile {

    private static final int EXPORTS = 0;
    private static final int IMPORTS = 1;
    private static final int CERTIFICATES = 4;
    private static final int DELAYED_IMPORTS = 13;

    @Override
    public List<Name> names() throws IOException {
        List<Name> names = new ArrayList<>();
        if (directory(EXPORTS) != 0) {
            names.add(name(fileOffset(directory(EXPORTS)) + 12));
        }
        addAll(IMPORTS, 20, 12, names);
        addAll(DELAYED_IMPORTS, 32, 4, names);
        return names;
    }

    private void addAll(int directory, int entryBytes, int nameField, List<Name> names) throws IOException {
        if (directory(directory) == 0) {
            return;
        }
        int entry = fileOffset(directory(directory));
        while (bytes.getInt(entry + nameField) != 0) {
            names.add(name(entry + nameField));
            entry += entryBytes;
        }
    }

    private Name name(int field) throws IOException {
        return Name.at(bytes, fileOffset(bytes.getInt(field)));
    }

    private int optionalHeader() {
        return bytes.getInt(0x3c) + 24;
    }

    /** Address of a data directory, relative to the image; 0 if there is none. */
    private int directory(int number) {
        return bytes.getInt(optionalHeader() + 112 + 8 * number);
    }

    private int fileOffset(int address) throws IOException {
        int sections = optionalHeader() + bytes.getShort(bytes.getInt(0x3c) + 20);
        for (int i = 0; i < bytes.getShort(bytes.getInt(0x3c) + 6); i++) {
            int section = sections + 40 * i;
            int start = bytes.getInt(section + 12);
            if (address >= start && address < start + bytes.getInt(section + 16)) {
                return bytes.getInt(section + 20) + address - start;
            }
        }
        throw new IOException("a PE file with a name in no section");
    }

    /** Loaders look at the check sum of drivers alone; a signature would have to be somebody's. */
    @Override
    public void seal() throws IOException {
        if (directory(CERTIFICATES) != 0) {
            throw new IOException("signed by somebody");
        }
    }
}
