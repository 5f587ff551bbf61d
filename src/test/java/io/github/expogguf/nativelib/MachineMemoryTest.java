package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class MachineMemoryTest {

    @Test
    void isWhatTheJdkSays() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        assertThat(MachineMemory.totalBytes()).isEqualTo(system.getTotalMemorySize());
    }
}
