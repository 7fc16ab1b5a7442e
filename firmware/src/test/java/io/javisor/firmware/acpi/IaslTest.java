package io.javisor.firmware.acpi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The reference compiler (Debian: acpica-tools) takes every table apart and puts it together again without an error or a warning, and to
 * the same bytes.
 */
class IaslTest {
    /** Compiler's name and version, which it puts in for ours, and the checksum. */
    private static final int CREATOR_OFFSET = 28;

    private static final int CREATOR_SIZE = 8;

    @TempDir
    private Path directory = Path.of("");

    @BeforeAll
    static void requireIasl() {
        HostTool.require("iasl", "acpica-tools");
    }

    static Stream<Arguments> tables() {
        List<Arguments> tables = new ArrayList<>();
        add(tables, "full, 1 processor", SampleMachine.full(1));
        add(tables, "full, 16 processors", SampleMachine.full(16));
        add(tables, "bare, 255 processors", SampleMachine.bare(255));
        return tables.stream();
    }

    private static void add(List<Arguments> tables, String machine, AcpiConfig config) {
        for (PlacedTable table : AcpiTables.build(config).tables()) {
            // The RSDP is no table to iasl by itself: AcpiTablesTest covers it.
            if (!table.name().equals("RSDP")) {
                tables.add(Arguments.of(machine, table.name(), table));
            }
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("tables")
    void disassemblesAndRecompiles(String machine, String name, PlacedTable table)
            throws IOException, InterruptedException {
        byte[] original = table.content().toArray(ValueLayout.JAVA_BYTE);
        Files.write(directory.resolve("table.dat"), original);
        String disassembly = iasl("-d", "table.dat");
        assertTrue(disassembly.contains("ASL Output:") || disassembly.contains("Formatted output:"), disassembly);
        assertQuiet(disassembly);
        String source = Files.readString(directory.resolve("table.dsl"));
        assertQuiet(source);

        // -oa: without optimisation, so that the same meaning gives the same bytes.
        String compilation = iasl("-oa", "-p", "again", "table.dsl");
        assertTrue(compilation.contains("Compilation successful. 0 Errors, 0 Warnings"), compilation + source);
        byte[] again = Files.readAllBytes(directory.resolve("again.aml"));
        if (!name.equals("FACS")) {
            assertEquals(0, checksum(original), "checksum");
            maskCompiler(original);
            maskCompiler(again);
        }
        assertArrayEquals(original, again, source);
    }

    private static void assertQuiet(String output) {
        for (String line : output.lines().toList()) {
            String lower = line.toLowerCase(Locale.ROOT);
            assertTrue(
                    !lower.contains("error")
                            && !lower.contains("warning")
                            && !lower.contains("incorrect")
                            && !lower.contains("invalid"),
                    output);
        }
    }

    private static void maskCompiler(byte[] table) {
        Arrays.fill(table, CREATOR_OFFSET, CREATOR_OFFSET + CREATOR_SIZE, (byte) 0);
        table[TableWriter.CHECKSUM_OFFSET] = 0;
    }

    private static int checksum(byte[] table) {
        int sum = 0;
        for (byte unit : table) {
            sum += unit;
        }
        return sum & 0xFF;
    }

    private String iasl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("iasl"));
        command.addAll(List.of(arguments));
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            fail("iasl does not end");
        }
        String output = Files.readString(log, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), output);
        return output;
    }
}
