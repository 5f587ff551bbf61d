package names;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A shared library in memory: where it says what it is called and which others it needs. */
interface LibraryFile {

    /**
     * A name of a library, its own or one that it needs.
     *
     * @param end offset behind its last character
     */
    record Name(String text, int end) {

        /** The characters from an offset up to the zero byte that ends them. */
        static Name at(ByteBuffer bytes, int offset) {
            int end = offset;
            while (bytes.get(end) != 0) {
                end++;
            }
            return new Name(new String(bytes.array(), offset, end - offset, StandardCharsets.UTF_8), end);
        }
    }

    List<Name> names() throws IOException;

    /** Brings in order what depends on the bytes, when they have been changed. */
    void seal() throws IOException;

    /** Reads an ELF, Mach-O or PE file of 64 bits; later changes of the array are changes of the library. */
    static LibraryFile of(byte[] file, String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int magic = bytes.getInt(0);
        if (magic == 0x464c457f && bytes.get(4) == 2 && bytes.get(5) == 1) {
            return new ElfFile(bytes);
        }
        if (magic == 0xfeedfacf) {
            return new MachFile(bytes);
        }
        if ((magic & 0xffff) == 0x5a4d) {
            return new PeFile(bytes);
        }
        throw new IOException(name + ": neither an ELF, Mach-O nor PE file of 64 bits");
    }
}
