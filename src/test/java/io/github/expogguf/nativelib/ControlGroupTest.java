package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(OS.WINDOWS) // names with backslashes
class ControlGroupTest {

    private static final String DISK = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";
    private static final String VERSION_2 =
            "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
    private static final String MEMORY =
            "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:3 master:1 - cgroup cgroup rw,memory\n";
    private static final String PROCESSORS =
            "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n";
    private static final String UNIFIED = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

    @TempDir
    private Path root;

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void process(String mounts, String groups) throws IOException {
        write("proc/self/mountinfo", DISK + mounts);
        write("proc/self/cgroup", groups);
    }

    private long limit() {
        return ControlGroup.memoryLimit(root);
    }

    @Test
    void readsTheLimitOfVersion2() throws IOException {
        process(VERSION_2, "0::/\n"); // as in a container with a namespace of its own
        write("sys/fs/cgroup/memory.max", "536870912\n");
        assertThat(limit()).isEqualTo(512L << 20);
    }

    @Test
    void readsTheLimitOfVersion1() throws IOException {
        process(PROCESSORS + MEMORY, "5:cpu,cpuacct:/small\n4:memory:/job\n1:name=systemd:/\n");
        write("sys/fs/cgroup/cpu/small/memory.limit_in_bytes", "1\n");
        write("sys/fs/cgroup/memory/small/memory.limit_in_bytes", "2\n");
        write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "8589934592\n");
        assertThat(limit()).isEqualTo(8L << 30);
    }

    @Test
    void readsControllersThatAreMountedTogether() throws IOException {
        process("35 31 0:32 / /cgroup/some rw - cgroup none rw,cpu,memory\n", "4:cpu,memory:/job\n");
        write("cgroup/some/job/memory.limit_in_bytes", "4096\n");
        assertThat(limit()).isEqualTo(4096);
    }

    @Test
    void theSmallestLimitOfTheGroupsAboveCounts() throws IOException {
        process(VERSION_2, "0::/user.slice/job.scope/inner\n");
        write("sys/fs/cgroup/user.slice/memory.max", "3000000\n");
        write("sys/fs/cgroup/user.slice/job.scope/memory.max", "2000000\n");
        write("sys/fs/cgroup/user.slice/job.scope/inner/memory.max", "max\n");
        write("sys/fs/cgroup/user.slice/job.scope/inner/deeper/memory.max", "1\n");
        write("sys/fs/cgroup/user.slice/beside.scope/memory.max", "2\n");
        write("sys/fs/memory.max", "3\n");
        assertThat(limit()).isEqualTo(2_000_000);

        write("sys/fs/cgroup/user.slice/memory.max", "1000000\n");
        assertThat(limit()).isEqualTo(1_000_000);

        write("sys/fs/cgroup/user.slice/job.scope/inner/memory.max", "500000\n");
        assertThat(limit()).isEqualTo(500_000);
    }

    @Test
    void theGroupsAboveCountInVersion1() throws IOException {
        process(MEMORY, "4:memory:/docker/abc\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "70000\n");
        write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "9223372036854771712\n");
        assertThat(limit()).isEqualTo(70_000);
    }

    @Test
    void bothVersionsMayBeMounted() throws IOException {
        process(MEMORY + UNIFIED, "4:memory:/job\n0::/job\n");
        write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "70000\n");
        write("sys/fs/cgroup/unified/job/cgroup.procs", "1\n");
        assertThat(limit()).isEqualTo(70_000);
    }

    @Test
    void aContainerMaySeeItsGroupAloneUnderThePathFromOutside() throws IOException {
        process(
                "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                "4:memory:/docker/abc/inner\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "70000\n");
        write("sys/fs/cgroup/memory/docker/abc/inner/memory.limit_in_bytes", "1\n");
        assertThat(limit()).isEqualTo(70_000);

        write("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "60000\n");
        assertThat(limit()).isEqualTo(60_000);
    }

    @Test
    void aMountOfAnotherNameIsSearchedForTheLastNamesOfThePath() throws IOException {
        process(
                "35 31 0:32 /abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                "4:memory:/garden/abcd/inner\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "70000\n");
        assertThat(limit()).isEqualTo(70_000);

        write("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "60000\n");
        assertThat(limit()).isEqualTo(60_000);
    }

    @Test
    void aMountThatHoldsTheGroupByItsPathCountsAlone() throws IOException {
        process("40 22 0:26 /other /mnt/other rw - cgroup2 cgroup2 rw\n" + VERSION_2, "0::/job\n");
        write("mnt/other/memory.max", "1\n");
        write("sys/fs/cgroup/job/memory.max", "70000\n");
        assertThat(limit()).isEqualTo(70_000);
    }

    @Test
    void aProcessOutsideOfWhatIsMountedIsNotLimitedByIt() throws IOException {
        process(VERSION_2, "0::/../beside\n");
        write("sys/fs/cgroup/memory.max", "1\n");
        write("sys/fs/beside/memory.max", "2\n");
        assertThat(limit()).isEqualTo(ControlGroup.UNLIMITED);
    }

    @Test
    void spacesAndBackslashesOfMountsAreEscaped() throws IOException {
        process("30 22 0:26 /a\\040b /mnt/c\\134d\\040e rw - cgroup2 cgroup2 rw\n", "0::/a b/job\n");
        write("mnt/c\\d e/job/memory.max", "70000\n");
        assertThat(limit()).isEqualTo(70_000);
    }

    @Test
    void namesOfOtherMountsNeedNotBeUtf8() throws IOException {
        process(VERSION_2, "0::/\n");
        byte[] name = {'/', 'm', (byte) 0xFF, (byte) 0xC3};
        String line = "50 22 8:2 / " + new String(name, StandardCharsets.ISO_8859_1) + " rw - ext4 /dev/sdb rw\n";
        Files.write(root.resolve("proc/self/mountinfo"), (line + VERSION_2).getBytes(StandardCharsets.ISO_8859_1));
        write("sys/fs/cgroup/memory.max", "70000\n");
        assertThat(limit()).isEqualTo(70_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max\n",
                "9223372036854771712\n", // pages of 4 KiB
                "9223372036854710272\n", // of 64 KiB
                "9223372036854775807\n",
                "18446744073709551615\n",
                "-1\n",
                "",
                "\n",
                "12 34\n",
                "0x1000\n",
                "lots"
            })
    void noNumberAndTheLargestOnesAreNoLimit(String text) throws IOException {
        process(MEMORY + UNIFIED, "4:memory:/job\n0::/job\n");
        write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", text);
        write("sys/fs/cgroup/unified/job/memory.max", text);
        assertThat(limit()).isEqualTo(ControlGroup.UNLIMITED);
    }

    @Test
    void missingFilesAreNoLimit() throws IOException {
        assertThat(limit()).isEqualTo(ControlGroup.UNLIMITED);
        write("proc/self/cgroup", "0::/\n");
        assertThat(limit()).isEqualTo(ControlGroup.UNLIMITED);
        process(VERSION_2, "0::/\n");
        assertThat(limit()).isEqualTo(ControlGroup.UNLIMITED);
        write("sys/fs/cgroup/memory.max", "70000\n");
        assertThat(limit()).isEqualTo(70_000);
        Files.delete(root.resolve("proc/self/cgroup"));
        assertThat(limit()).isEqualTo(ControlGroup.UNLIMITED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "0\n", "0:\n", "::\n", "4:memory\n", "4:memory:\0\n", "0::\0\n"})
    void malformedGroupsAreNoLimit(String groups) throws IOException {
        process(MEMORY + VERSION_2, groups);
        write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "70000\n");
        assertThat(limit()).isEqualTo(ControlGroup.UNLIMITED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                " - \n",
                "30 23 0:26 / /sys/fs/cgroup rw\n",
                "30 23 0:26 / /sys/fs/cgroup rw - cgroup2\n",
                "30 23 0:26 / - cgroup2 cgroup2 rw\n",
                "30 23 0:26 /  rw - cgroup2 cgroup2 rw\n",
                "30 23 0:26 / sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
                "30 23 0:26 / /\\000 rw - cgroup2 cgroup2 rw\n",
                "30 23 0:26 / /sys/fs/cgroup rw - tmpfs cgroup2 rw,memory\n"
            })
    void malformedMountsAreNoLimit(String mounts) throws IOException {
        write("proc/self/mountinfo", mounts);
        write("proc/self/cgroup", "4:memory:/\n0::/\n");
        write("sys/fs/cgroup/memory.max", "70000\n");
        write("sys/fs/cgroup/memory.limit_in_bytes", "70000\n");
        assertThat(limit()).isEqualTo(ControlGroup.UNLIMITED);
    }
}
