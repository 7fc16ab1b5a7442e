package io.javisor.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A file that nobody can read at one sitting has more than one reason to change. */
class SourceSizeTest {
    private static final int MAX_LINES = 500;

    /** Paths in the checkout, each with the reason beside it. None is wanted. */
    private static final Set<String> EXCEPTIONS = Set.of();

    private static final Path CHECKOUT = Path.of(System.getProperty("javisor.checkout", ".."));
    private static final List<String> SOURCES = List.of("src/main/java", "src/test/java");

    @Test
    void noJavaFileIsLong() throws IOException {
        Set<String> tooLong = new TreeSet<>();
        int count = 0;
        for (Path file : javaFiles()) {
            count++;
            if (Files.readAllLines(file).size() > MAX_LINES) {
                tooLong.add(CHECKOUT.relativize(file).toString());
            }
        }
        assertEquals(EXCEPTIONS, tooLong, () -> "have more than " + MAX_LINES + " lines");
        assertTrue(count > 1000, count + " files were read: all of them?");
    }

    private static List<Path> javaFiles() throws IOException {
        try (Stream<Path> modules = Files.list(CHECKOUT)) {
            return modules.flatMap(module -> SOURCES.stream().map(module::resolve))
                    .filter(Files::isDirectory)
                    .flatMap(SourceSizeTest::under)
                    .toList();
        }
    }

    private static Stream<Path> under(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
