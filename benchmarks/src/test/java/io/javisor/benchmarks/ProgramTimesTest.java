package io.javisor.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTimesTest {
    @TempDir
    private Path directory;

    private Map<String, Map<String, List<Double>>> samples(String printed) throws IOException {
        Path log = Files.writeString(
                directory.resolve("log"), printed.replace(' ', '\t').replace('_', ' '));
        Path samples = directory.resolve("samples.tsv");
        Files.deleteIfExists(samples);
        Files.createFile(samples);
        ProgramTimes.main(new String[] {log.toString(), samples.toString()});
        return Samples.read(samples);
    }

    @Test
    void aProgramsTimeIsFromItsBeginToItsEnd() throws IOException {
        assertEquals(
                Map.of(
                        "engine/program/gcc/cold", Map.of("javisor", List.of(2_500_000.0)),
                        "engine/program/gcc/cold/cpu", Map.of("javisor", List.of(40.0))),
                samples("""
                    javisor 0 1000 5 /root_#_sh_/programs/run_1
                    javisor 0 1100 10 program_gcc_cold
                    javisor 0 1200 20 [____29.9]_hrtimer:_interrupt_took_31675151_ns
                    javisor 0 3600 50 end
                    javisor 0 3700 60 programs_done
                    """));
    }

    @Test
    void openSslsTimeIsThatOfAnOperation() throws IOException {
        assertEquals(
                Map.of(
                        "engine/program/rsa2048-private/warm", Map.of("qemu", List.of(100_000.0)),
                        "engine/program/rsa2048-private/warm/cpu", Map.of("qemu", List.of(90_000.0)),
                        "engine/program/rsa2048-public/warm", Map.of("qemu", List.of(2_000.0)),
                        "engine/program/rsa2048-public/warm/cpu", Map.of("qemu", List.of(1_000.0)),
                        "engine/program/sha256/cold", Map.of("qemu", List.of(10_000.0)),
                        "engine/program/sha256/cold/cpu", Map.of("qemu", List.of(9_000.0))),
                samples("""
                    qemu 0 1000000 0 program_rsa2048_warm
                    qemu 0 1100000 1000000000 +DTP:2048:private:rsa:1
                    qemu 0 2100000 1900000000 +R1:10000:2048:1.01
                    qemu 0 2200000 2000000000 +DTP:2048:public:rsa:1
                    qemu 0 3200000 2500000000 +R2:500000:2048:1.00
                    qemu 0 3200001 2500000000 +F2:2:2048:9.615385:1190.099010
                    qemu 0 3300000 2600000000 end
                    qemu 0 4000000 3000000000 program_sha256_cold
                    qemu 0 4100000 3100000000 +DT:sha256:1:1024
                    qemu 0 5100000 4000000000 +R:100000:sha256:1.00
                    qemu 0 5100001 4000000000 +H:1024
                    qemu 0 5200000 4100000000 end
                    """));
    }

    @Test
    void whatFailedOrLacksItsPeerIsLeftOut() throws IOException {
        Map<String, Map<String, List<Double>>> samples = samples("""
            javisor 0 1 0 program_gcc_cold
            javisor 0 2 0 end
            javisor 0 3 0 program_sqlite3_cold
            javisor 0 4 0 failed_1
            javisor 0 5 0 end
            javisor 0 6 0 program_python3_cold
            qemu 0 1 0 program_gcc_cold
            qemu 0 3 0 end
            qemu 0 3 0 program_sqlite3_cold
            qemu 0 9 0 end
            javisor 1 1 0 program_gcc_cold
            javisor 1 5 0 end
            javisor 1 6 0 program_sha256_cold
            javisor 1 7 0 +DT:sha256:1:1024
            javisor 1 8 0 +R:0:sha256:1.00
            javisor 1 9 0 end
            end
            """);
        assertEquals(
                Map.of("javisor", List.of(1_000.0), "qemu", List.of(2_000.0)), samples.get("engine/program/gcc/cold"));
        assertEquals(2, samples.size(), samples.toString());
    }
}
