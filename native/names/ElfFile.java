package names;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Linux: names are strings in the dynamic string table (System V ABI, chapters 4 and 5). */
record ElfFile(ByteBuffer bytes) implements LibraryFile {

    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int DT_NEEDED = 1;
    private static final int DT_STRTAB = 5;
    private static final int DT_SONAME = 14;

    @Override
    public List<Name> names() throws IOException {
        List<Long> strings = new ArrayList<>();
        long table = -1;
        int dynamic = segment(PT_DYNAMIC);
        for (int entry = (int) bytes.getLong(dynamic + 8); bytes.getLong(entry) != 0; entry += 16) {
            long tag = bytes.getLong(entry);
            if (tag == DT_STRTAB) {
                table = bytes.getLong(entry + 8);
            } else if (tag == DT_NEEDED || tag == DT_SONAME) {
                strings.add(bytes.getLong(entry + 8));
            }
        }
        List<Name> names = new ArrayList<>();
        for (long string : strings) {
            names.add(Name.at(bytes, fileOffset(table) + (int) string));
        }
        return names;
    }

    /** Offset of the program header of a type. */
    private int segment(int type) throws IOException {
        for (int i = 0; i < bytes.getShort(56); i++) {
            int header = header(i);
            if (bytes.getInt(header) == type) {
                return header;
            }
        }
        throw new IOException("an ELF file without a segment of type " + type);
    }

    private int header(int number) {
        return (int) bytes.getLong(32) + number * bytes.getShort(54);
    }

    private int fileOffset(long address) throws IOException {
        for (int i = 0; i < bytes.getShort(56); i++) {
            int header = header(i);
            long start = bytes.getLong(header + 16);
            if (bytes.getInt(header) == PT_LOAD && address >= start && address < start + bytes.getLong(header + 32)) {
                return (int) (bytes.getLong(header + 8) + address - start);
            }
        }
        throw new IOException("an ELF file with its string table in no segment");
    }

    @Override
    public void seal() {} // nothing depends on the bytes
}
