package io.javisor.core.kvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pins every constant of the package to what {@code src/test/abi/kvm-abi.c} printed from the kernel's headers. */
class GoldenAbiTest {
    private static final List<Class<?>> VALUES =
            List.of(KvmIoctl.class, KvmCap.class, KvmExit.class, KvmConstants.class);

    @Test
    void everyConstantIsGoldenAndEveryGoldenValueIsAConstant() throws Exception {
        Map<String, Long> golden = parse(goldenText());
        assertTrue(golden.size() > 500, "golden file has " + golden.size() + " lines");
        assertEquals(golden, declared());
    }

    @Test
    void theHeadersOfThisHostAgree(@TempDir Path directory) throws Exception {
        Path program = directory.resolve("kvm-abi");
        Path source = Path.of("src/test/abi/kvm-abi.c").toAbsolutePath();
        assertTrue(Files.isRegularFile(source), () -> source + " is missing");
        if (!Files.isExecutable(Path.of("/usr/bin/gcc")) || !Files.exists(Path.of("/usr/include/linux/kvm.h"))) {
            abort("needs gcc and linux/kvm.h (Debian: apt-get install gcc libc6-dev linux-libc-dev)");
        }
        run("/usr/bin/gcc", "-Wall", "-Wextra", "-Werror", "-o", program.toString(), source.toString());
        assertEquals(parse(goldenText()), parse(run(program.toString())));
    }

    @Test
    void aLayoutClassIsNamedAfterItsStruct() {
        assertEquals("kvm_irq_routing_entry", structName(KvmIrqRoutingEntryLayout.class));
        assertEquals("kvm_cpuid_entry2", structName(KvmCpuidEntry2Layout.class));
    }

    private static Map<String, Long> declared() throws Exception {
        Map<String, Long> declared = new TreeMap<>();
        for (Class<?> layout : layouts()) {
            for (Field field : constants(layout)) {
                declared.put(structName(layout) + "." + field.getName().toLowerCase(Locale.ROOT), value(field));
            }
        }
        for (Class<?> values : VALUES) {
            for (Field field : constants(values)) {
                declared.put(field.getName().toLowerCase(Locale.ROOT), value(field));
            }
        }
        return declared;
    }

    private static List<Field> constants(Class<?> type) {
        return Stream.of(type.getDeclaredFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()) && Modifier.isPublic(field.getModifiers()))
                .toList();
    }

    /** Values of a C unsigned are compared as 32 bits: {@code 1 << 31} is negative in Java. */
    private static long value(Field field) throws IllegalAccessException {
        return field.getType() == int.class ? Integer.toUnsignedLong(field.getInt(null)) : field.getLong(null);
    }

    private static String structName(Class<?> layout) {
        String name = layout.getSimpleName();
        return name.substring(0, name.length() - "Layout".length())
                .replaceAll("(?<!^)(?=[A-Z])", "_")
                .toLowerCase(Locale.ROOT);
    }

    static List<Class<?>> layouts() throws IOException, URISyntaxException, ClassNotFoundException {
        Path classes = Path.of(Objects.requireNonNull(KvmRunLayout.class.getResource("KvmRunLayout.class"))
                        .toURI())
                .getParent();
        try (Stream<Path> files = Files.list(Objects.requireNonNull(classes))) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Layout.class"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .sorted()
                    .toList();
            assertFalse(names.isEmpty());
            List<Class<?>> layouts = new ArrayList<>();
            for (String name : names) {
                layouts.add(Class.forName(KvmRunLayout.class.getPackageName() + "." + name));
            }
            return layouts;
        }
    }

    private static Map<String, Long> parse(String text) {
        Map<String, Long> values = new TreeMap<>();
        text.lines().forEach(line -> {
            String[] parts = line.split(" ", -1);
            assertEquals(2, parts.length, line);
            Long before = values.put(parts[0].toLowerCase(Locale.ROOT), Long.parseUnsignedLong(parts[1]));
            assertEquals(null, before, () -> parts[0] + " twice");
        });
        return values;
    }

    private static String goldenText() throws IOException {
        try (InputStream in = Objects.requireNonNull(GoldenAbiTest.class.getResourceAsStream("kvm-abi.golden"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), () -> String.join(" ", command) + " does not end");
        assertEquals(0, process.exitValue(), output);
        return output;
    }
}
