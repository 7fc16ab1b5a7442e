package io.javisor.emulator.cpu;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.provider.MethodSource;

/** Any code, page tables and descriptor tables, in any mode: the vCPU stays in its memory and in a state that there is, and comes back. */
class HostileCodeFuzzTest {
    private static final HostileGuest GUEST = new HostileGuest();

    static Stream<byte[]> seeds() {
        return LongStream.rangeClosed(1, 24).mapToObj(HostileInputs::of);
    }

    @AfterAll
    static void close() {
        GUEST.close();
    }

    @MethodSource("seeds")
    @FuzzTest
    void staysWithinItsBounds(byte[] bytes) {
        GUEST.run(bytes);
    }
}
