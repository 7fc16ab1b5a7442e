package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.host.Console;
import io.javisor.testkit.LogCapture;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.junit.MachineTest;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest that does what is logged again and again, over many lives: the lines are counted. */
class GuestStormTest {
    private static final int STORM = 1000;
    private static final int LIVES = 4;

    /** Says {@value #STORM} times that it panicked and has a crash kernel, writes as often to a register that can only be read, and resets. */
    private static final String CODE = """
        66 ba 05 05                ;          mov    $0x505,%dx
        b0 02                      ;          mov    $2,%al
        b9 e8 03 00 00             ;          mov    $1000,%ecx
        ee                         ; crash:   out    %al,(%dx)
        ff c9                      ;          dec    %ecx
        75 fb                      ;          jne    crash
        bb 00 00 00 d0             ;          mov    $0xd0000000,%ebx
        b9 e8 03 00 00             ;          mov    $1000,%ecx
        89 03                      ; fault:   mov    %eax,(%rbx)                # MagicValue
        ff c9                      ;          dec    %ecx
        75 fa                      ;          jne    fault
        b0 fe                      ;          mov    $0xfe,%al
        e6 64                      ;          out    %al,$0x64
        f4                         ;          hlt
        """;

    @TempDir
    private Path directory = Path.of("");

    @MachineTest
    @Timeout(60)
    void theLinesAreFew(EngineProvider engine) throws Exception {
        long start = System.nanoTime();
        try (LogCapture log = LogCapture.of("io.javisor");
                Fd in = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDONLY, 0));
                Fd out = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_WRONLY, 0));
                Machine machine = Machine.create(
                        MachineConfig.builder(CodeKernel.writeTo(directory, code()))
                                .accel(Accel.parse(engine.name()))
                                .memoryBytes(16 << 20)
                                .virtio(List.of(RngConfig.UNLIMITED))
                                .build(),
                        new Console(in.value(), out.value(), ConsoleInputFilter.NONE))) {
            machine.start();
            VirtioCounters counters = machine.virtioCounters().get("rng0");
            while (counters == null || counters.faults() < LIVES * STORM) {
                assertNull(machine.await(1));
                counters = machine.virtioCounters().get("rng0");
            }
            machine.powerOff();
            assertEquals(new Outcome.PowerOff(), machine.await());
            long each = 1 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) / 10;
            assertLines(log, "panicked and starts its crash kernel", each);
            assertLines(log, "rng0: the guest's driver: WRONG_DIRECTION", each);
            assertTrue(log.lines().size() <= 2 * each, () -> log.lines().toString());
        }
    }

    private static void assertLines(LogCapture log, String part, long atMost) {
        long lines = log.lines().stream().filter(line -> line.contains(part)).count();
        assertTrue(lines >= 1 && lines <= atMost, () -> lines + " of " + log.lines());
    }

    private static int[] code() {
        return CODE.lines()
                .map(line -> line.substring(0, line.indexOf(';')).strip())
                .flatMapToInt(hex -> {
                    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
                    return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF);
                })
                .toArray();
    }
}
