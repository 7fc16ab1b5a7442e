package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The JVM says nothing of a compile command for a class that is not there: a class that moves would lose its line in silence. */
class JvmOptionsTest {
    private static final Path OPTIONS = Path.of("src/main/launcher/jvm.options");
    private static final Pattern COMMAND = Pattern.compile("-XX:CompileCommand=\\w+,([\\w.]+)(\\.\\*)?::([\\w*]+),.*");

    private static List<String> commands() throws IOException {
        return Files.readAllLines(OPTIONS).stream()
                .filter(line -> line.startsWith("-XX:CompileCommand=") && !line.equals("-XX:CompileCommand=quiet"))
                .toList();
    }

    @Test
    void eachCompileCommandNamesCodeThatExists() throws IOException {
        List<String> commands = commands();
        assertFalse(commands.isEmpty());
        for (String command : commands) {
            Matcher matcher = COMMAND.matcher(command);
            assertTrue(matcher.matches(), command);
            if (matcher.group(2) == null) {
                requireMethod(command, matcher.group(1), matcher.group(3));
            } else {
                assertFalse(
                        new ClassFileImporter().importPackages(matcher.group(1)).isEmpty(),
                        () -> "no class for " + command);
            }
        }
    }

    private static void requireMethod(String command, String className, String method) {
        Class<?> type = assertDoesNotThrow(
                () -> Class.forName(className, false, JvmOptionsTest.class.getClassLoader()), command);
        assertTrue(
                method.equals("*")
                        || Arrays.stream(type.getDeclaredMethods())
                                .map(Method::getName)
                                .anyMatch(method::equals),
                () -> "no method for " + command);
    }
}
