package io.javisor.benchmarks.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.junit.MachineTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootChartTest {
    private static final long LOAD_GPA = 0x10_0000;

    // mov dx,0x3f8; mov al,'x'; out dx,al; out 0xf4,al; hlt
    private static final byte[] CODE = HexFormat.of().parseHex("66baf803b078eee6f4f4");

    @TempDir
    private Path directory;

    @MachineTest
    void aGuestThatEndsIsDrawnUntilThen(EngineProvider engine) throws Exception {
        byte[] kernel = ElfBuilder.elf64()
                .entry(LOAD_GPA)
                .load(LOAD_GPA, CODE, CODE.length)
                .bytes();
        MachineConfig config = MachineConfig.builder(Files.write(directory.resolve("kernel.elf"), kernel))
                .accel(Accel.parse(engine.name()))
                .memoryBytes(16L << 20)
                .serial(List.of(new SerialSink.Null()))
                .build();
        Path picture = directory.resolve("boot.svg");
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        BootChart.draw(
                config,
                System.nanoTime(),
                Duration.ofMinutes(1),
                picture,
                new PrintStream(text, true, StandardCharsets.UTF_8));
        List<String> lines = text.toString(StandardCharsets.UTF_8).lines().toList();
        assertTrue(lines.getFirst().startsWith("Boot by javisor, " + engine.name() + ": not ready"), lines::toString);
        assertEquals(
                List.of(
                        "JVM start",
                        "configuration",
                        "images read and checked",
                        "guest memory",
                        "virtual machine",
                        "devices, images copied",
                        "virtual CPUs",
                        "first entry into the guest",
                        "guest, until its first output",
                        "kernel, until it runs init: not finished"),
                lines.stream()
                        .skip(1)
                        .map(line -> line.replaceFirst("^ *[0-9.]+ ms {2}", ""))
                        .toList());
        assertTrue(Files.readString(picture).contains("<svg"), "an SVG document");
    }

    @Test
    void everyPhaseIsInThePicture() throws Exception {
        BootTimeline boot = BootTimeline.of(Traces.linux());
        String svg = new String(BootPicture.svg("a title", boot), StandardCharsets.UTF_8);
        assertTrue(svg.contains("<svg") && svg.strip().endsWith("</svg>"), svg); // its text may be outlines
        int bars = svg.split("<g clip-path=", -1).length - 1;
        assertTrue(bars >= boot.phases().size(), () -> bars + " bars for " + boot.phases());
    }
}
