package io.javisor.testkit.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
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

/**
 * Pins the constants of a package to what a C program printed from the kernel's headers: {@code src/test/abi/NAME.c}, whose output is the
 * resource {@code NAME.golden} of the same package.
 *
 * @param name of the program
 * @param header that the program needs, such as {@code linux/kvm.h}
 * @param anchor a class of the package; all that are called {@code …Layout} count
 * @param values the classes of the package that hold constants of no structure
 */
public record GoldenAbi(String name, String header, Class<?> anchor, List<Class<?>> values) {
    /** Every constant is golden, and every golden value is a constant. */
    public void assertDeclared() throws Exception {
        assertEquals(golden(), declared());
    }

    /** The headers of this host say the same. */
    public void assertHeadersAgree(Path directory) throws Exception {
        Path program = directory.resolve(name);
        Path source = Path.of("src/test/abi", name + ".c").toAbsolutePath();
        assertTrue(Files.isRegularFile(source), () -> source + " is missing");
        if (!Files.isExecutable(Path.of("/usr/bin/gcc"))
                || !Files.exists(Path.of("/usr/include").resolve(header))) {
            abort("needs gcc and " + header + " (Debian: apt-get install gcc libc6-dev linux-libc-dev)");
        }
        run("/usr/bin/gcc", "-Wall", "-Wextra", "-Werror", "-o", program.toString(), source.toString());
        assertEquals(golden(), parse(run(program.toString())));
    }

    /** The golden values by name. */
    public Map<String, Long> golden() throws IOException {
        try (InputStream in = Objects.requireNonNull(anchor.getResourceAsStream(name + ".golden"))) {
            return parse(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    private Map<String, Long> declared() throws Exception {
        Map<String, Long> declared = new TreeMap<>();
        for (Class<?> layout : layouts()) {
            for (Field field : constants(layout)) {
                declared.put(structName(layout) + "." + field.getName().toLowerCase(Locale.ROOT), value(field));
            }
        }
        for (Class<?> each : values) {
            for (Field field : constants(each)) {
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

    /** The structure whose layout a class is: {@code kvm_irq_routing_entry} for {@code KvmIrqRoutingEntryLayout}. */
    public static String structName(Class<?> layout) {
        String name = layout.getSimpleName();
        return name.substring(0, name.length() - "Layout".length())
                .replaceAll("(?<!^)(?=[A-Z])", "_")
                .toLowerCase(Locale.ROOT);
    }

    /** The layout classes of the package. */
    public List<Class<?>> layouts() throws IOException, URISyntaxException, ClassNotFoundException {
        List<Class<?>> layouts = new ArrayList<>();
        for (String each : layoutNames()) {
            layouts.add(Class.forName(anchor.getPackageName() + "." + each));
        }
        assertFalse(layouts.isEmpty());
        return layouts;
    }

    /** From a directory of classes or from a jar, as the build has it. */
    private List<String> layoutNames() throws IOException, URISyntaxException {
        URI uri = Objects.requireNonNull(anchor.getResource(anchor.getSimpleName() + ".class"))
                .toURI();
        if (uri.getScheme().equals("jar")) {
            try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
                return layoutNames(jar.provider().getPath(uri));
            }
        }
        return layoutNames(Path.of(uri));
    }

    private static List<String> layoutNames(Path sibling) throws IOException {
        try (Stream<Path> files = Files.list(Objects.requireNonNull(sibling.getParent()))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(file -> file.endsWith("Layout.class"))
                    .map(file -> file.substring(0, file.length() - ".class".length()))
                    .sorted()
                    .toList();
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

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), () -> String.join(" ", command) + " does not end");
        assertEquals(0, process.exitValue(), output);
        return output;
    }
}
