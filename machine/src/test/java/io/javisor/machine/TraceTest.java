package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.TraceConfig;
import io.javisor.machine.host.Console;
import io.javisor.machine.host.TraceFile;
import io.javisor.testkit.LogCapture;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TraceTest {
    private static final int COUNT = 200;

    /** Counts to {@link #COUNT}, far more often than an engine needs to see code before it does more than step it, and exits with it. */
    private static final int[] CODE = {
        0x31, 0xC0, //                   xor eax, eax
        0xFF, 0xC0, //             next: inc eax
        0x3D, COUNT, 0, 0, 0, //         cmp eax, COUNT
        0x75, 0xF7, //                   jne next
        0xE6, 0xF4, //                   out 0xf4, al
        0xF4, //                         hlt
    };

    private static final Path FULL = Path.of("/dev/full");

    @TempDir
    private Path directory = Path.of("");

    private Outcome run(EngineProvider engine, String trace) throws Exception {
        MachineConfig config = MachineConfig.builder(CodeKernel.writeTo(directory, CODE))
                .accel(Accel.parse(engine.name()))
                .memoryBytes(16 << 20)
                .serial(List.of(new SerialSink.Null()))
                .debug(debug -> debug.withTrace(TraceConfig.parse(trace)))
                .build();
        try (Machine machine = Machine.create(config, Console.standard())) {
            machine.start();
            return machine.await();
        }
    }

    /** KVM leaves the instructions to the processor, and says so. */
    private static boolean sees(EngineProvider engine) {
        return !engine.name().equals("kvm");
    }

    @MachineTest
    @Timeout(60)
    void everyInstructionIsWrittenDown(EngineProvider engine) throws Exception {
        Path file = Files.writeString(directory.resolve("trace"), "of an earlier run\n");
        if (!sees(engine)) {
            ConfigException refusal = assertThrows(ConfigException.class, () -> run(engine, file.toString()));
            assertEquals(
                    "--trace: kvm leaves the instructions to the processor; add --accel software",
                    refusal.getMessage());
            return;
        }
        assertEquals(new Outcome.DebugExit(COUNT), run(engine, file.toString()));
        List<String> lines = Files.readAllLines(file);
        assertEquals("""
            0 -- 64-bit, cs 10, ring 0
            0 0000000000200000  31 c0                    xor eax,eax                       ; flags=46[pf zf]
            0 0000000000200002  ff c0                    inc eax                           ; rax=1 flags=2[]
            0 0000000000200004  3d c8 00 00 00           cmp eax,0xc8                      ; flags=97[cf pf af sf]
            0 0000000000200009  75 f7                    jne 0x200002
            """, start(lines, 5));
        assertEquals("0 000000000020000b  e6 f4                    out 0xf4,al", lines.get(2 + 3 * COUNT));
        assertEquals("rw-------", permissions(engine));
    }

    private static String start(List<String> lines, int count) {
        return String.join("\n", lines.subList(0, count)) + "\n";
    }

    private String permissions(EngineProvider engine) throws Exception {
        Path made = directory.resolve("made");
        assertEquals(new Outcome.DebugExit(COUNT), run(engine, made.toString()));
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(made));
    }

    @MachineTest
    @Timeout(60)
    void onlyTheRangeIsWrittenDown(EngineProvider engine) throws Exception {
        if (sees(engine)) {
            Path file = directory.resolve("trace");
            assertEquals(new Outcome.DebugExit(COUNT), run(engine, file + ",range=0x200004+5"));
            List<String> lines = Files.readAllLines(file);
            assertEquals("""
                0 -- 64-bit, cs 10, ring 0
                0 0000000000200004  3d c8 00 00 00           cmp eax,0xc8                      ; flags=97[cf pf af sf]
                0 -- from elsewhere
                """, start(lines, 3));
            assertEquals(2 * COUNT, lines.size(), "each time, and from elsewhere");
        }
    }

    @MachineTest
    @Timeout(60)
    void aFullDiskIsSaidOnceAndTheMachineGoesOn(EngineProvider engine) throws Exception {
        if (sees(engine)) {
            try (LogCapture log = LogCapture.of(TraceFile.class.getName())) {
                assertEquals(new Outcome.DebugExit(COUNT), run(engine, FULL.toString()));
                assertEquals(
                        List.of("WARN trace /dev/full can't be written: ENOSPC (No space left on device); the machine"
                                + " goes on without it"),
                        log.lines());
            }
        }
    }

    @Test
    void longTracesComeWhole() throws IOException {
        Path path = directory.resolve("trace");
        TraceFile file = TraceFile.open(TraceConfig.parse(path.toString()));
        file.start();
        for (int i = 0; i < 10_000; i++) {
            file.line("line " + i);
        }
        assertTrue(Files.size(path) > 0, "written when the buffer is full");
        file.line("é");
        file.flush();
        assertEquals(
                10_001,
                Files.readString(path, StandardCharsets.ISO_8859_1).lines().count());
        file.close();
        file.line("too late");
        assertEquals(
                10_001,
                Files.readString(path, StandardCharsets.ISO_8859_1).lines().count());
    }

    @Test
    void filesThatCannotBeWrittenAreRefused() {
        assertEquals("trace " + directory + " is a directory; give a file in it", refusal(directory));
        assertEquals(
                "trace " + directory + "/none/t can't be made: its directory does not exist",
                refusal(directory.resolve("none/t")));
    }

    private static String refusal(Path path) {
        return String.valueOf(
                assertThrows(ConfigException.class, () -> TraceFile.open(TraceConfig.parse(path.toString())))
                        .getMessage());
    }
}
