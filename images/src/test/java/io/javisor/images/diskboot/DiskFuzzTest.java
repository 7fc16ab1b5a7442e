package io.javisor.images.diskboot;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.images.testing.BootDisks;
import io.javisor.images.testing.DiskHarness;
import io.javisor.testkit.image.DiskBuilder;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any file as a disk. The seeds are small ones with both kinds of tables; the file systems in them are another target's. */
class DiskFuzzTest {
    static Stream<byte[]> seeds() {
        DiskBuilder many = new DiskBuilder();
        for (int i = 0; i < 6; i++) {
            many.partition(DiskBuilder.LINUX_TYPE, new byte[512]);
        }
        return Stream.of(
                many.mbr(),
                many.gpt(),
                new DiskBuilder()
                        .sectorSize(4096)
                        .partition(DiskBuilder.LINUX_TYPE, new byte[4096])
                        .gpt(),
                BootDisks.names());
    }

    @MethodSource("seeds")
    @FuzzTest
    void bootsOrIsRefused(byte[] input) {
        DiskHarness.boot(input);
    }
}
