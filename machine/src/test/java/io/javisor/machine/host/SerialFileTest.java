package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.Machine;
import io.javisor.machine.Outcome;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SerialFileTest {
    private static final int MAX_BYTES = 64 << 10;
    private static final int FLOOD = 300_000;

    /** Writes {@value #FLOOD} characters to COM1 as fast as it can, and exits with 7. An emulated host takes over a minute for so many exits. */
    private static final int[] FLOODS = {
        0x66,
        0xBA,
        0xF8,
        0x03, //                            mov dx, 0x3f8
        0xB9,
        FLOOD & 0xFF,
        FLOOD >> 8 & 0xFF,
        FLOOD >> 16,
        0, // mov ecx, FLOOD
        0x88,
        0xC8, //                                  next: mov al, cl
        0x24,
        0x3F, //                                        and al, 0x3f
        0x04,
        0x20, //                                        add al, 0x20
        0xEE, //                                              out dx, al
        0xE2,
        0xF7, //                                        loop next
        0xB0,
        0x07, //                                        mov al, 7
        0xE6,
        0xF4, //                                        out 0xf4, al
        0xF4, //                                              hlt
    };

    @TempDir
    private Path directory = Path.of("");

    private static String flood() {
        StringBuilder text = new StringBuilder();
        for (int left = FLOOD; left > 0; left--) {
            text.append((char) ((left & 0x3F) + 0x20));
        }
        return text.toString();
    }

    private Path run(EngineProvider engine, String max) throws Exception {
        Path file = directory.resolve("out");
        MachineConfig config = MachineConfig.builder(CodeKernel.writeTo(directory, FLOODS))
                .memoryBytes(16 << 20)
                .serial(List.of(SerialSink.parse("file:" + file + max)))
                .accel(Accel.parse(engine.name()))
                .build();
        try (Machine machine = Machine.create(config, Console.standard())) {
            machine.start();
            assertEquals(new Outcome.DebugExit(7), machine.await());
        }
        return file;
    }

    @MachineTest
    @NotInEmulatedHost
    @Timeout(60)
    void aGuestThatFloodsFillsTwoFilesAndNoMore(EngineProvider engine) throws Exception {
        Path file = run(engine, ",max=64K");
        String older = Files.readString(directory.resolve("out.1"), StandardCharsets.US_ASCII);
        String present = Files.readString(file, StandardCharsets.US_ASCII);
        assertEquals(MAX_BYTES, older.length());
        assertTrue(present.length() <= MAX_BYTES, () -> present.length() + " bytes");
        assertTrue(flood().endsWith(older + present));
    }

    @MachineTest
    @NotInEmulatedHost
    @Timeout(60)
    void orAllIsInOneWhereItsUserSaysSo(EngineProvider engine) throws Exception {
        Path file = run(engine, ",max=none");
        assertEquals(flood(), Files.readString(file, StandardCharsets.US_ASCII));
        assertFalse(Files.exists(directory.resolve("out.1")));
    }

    private static long write(SerialFile file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, data, 0, bytes.length);
            return file.write(data.address(), bytes.length);
        }
    }

    @Test
    void aFileInADirectoryThatHasNoRoomForASecondBeginsAnew() throws IOException {
        Files.createDirectories(directory.resolve("out.1").resolve("x"));
        Path path = directory.resolve("out");
        try (SerialFile file = SerialFile.open(path, 4)) {
            assertEquals(4, write(file, "abcdef"));
            assertEquals(2, write(file, "ef"));
            assertEquals("ef", Files.readString(path));
        }
    }

    @Test
    void whatIsNoFileHasNoBound() {
        try (SerialFile file = SerialFile.open(Path.of("/dev/null"), 4)) {
            assertFalse(file.isBounded());
            file.empty();
            for (int i = 0; i < 3; i++) {
                assertEquals(6, write(file, "abcdef"));
            }
        }
    }
}
