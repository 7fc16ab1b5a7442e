package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The flags in the launcher's file. */
class JvmOptionsTest {
    private static final Path OPTIONS = Path.of("src/main/launcher/jvm.options");
    private static final Pattern COMMAND =
            Pattern.compile("-XX:CompileCommand=\\w+,([\\w.]+)(\\.\\*)?::([\\w*]+)(,.*)?");

    @TempDir
    private Path directory = Path.of("");

    private static List<String> commands() throws IOException {
        return Files.readAllLines(OPTIONS).stream()
                .filter(line -> line.startsWith("-XX:CompileCommand=") && !line.equals("-XX:CompileCommand=quiet"))
                .toList();
    }

    /** As the JVM itself understands the file. */
    @Test
    void noSideDoorIsOpen() throws IOException, InterruptedException {
        Program.Result result = Program.run(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + OPTIONS,
                "-XX:+PrintFlagsFinal",
                "-version"));
        assertEquals(0, result.status(), result::toString);
        assertTrue(result.err().matches("(?s).*\\bDisableAttachMechanism\\s+= true\\b.*"), result::err);
        assertTrue(result.err().matches("(?s).*\\bUsePerfData\\s+= false\\b.*"), result::err);
    }

    /** Standard output is the guest's. */
    @Test
    void whatTheJvmSaysIsOnStandardError() throws IOException, InterruptedException {
        Path main = Files.writeString(directory.resolve("Main.java"), """
            class Main {
                public static void main(String[] arguments) throws Exception {
                    new ProcessBuilder("kill", "-QUIT", Long.toString(ProcessHandle.current().pid())).start().waitFor();
                    Thread.sleep(60_000);
                }
            }
            """);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + OPTIONS,
                        "-XX:SharedArchiveFile=" + main, // which is none
                        main.toString())
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        try (BufferedReader words = process.errorReader()) {
            String line = words.readLine();
            while (line != null && !line.startsWith("Full thread dump")) {
                assertFalse(line.contains("archive"), line);
                line = words.readLine();
            }
            assertNotNull(line);
        } finally {
            process.destroyForcibly();
        }
        assertEquals("", Files.readString(directory.resolve("out")));
    }

    /** The JVM says nothing of a compile command for a class that is not there: a class that moves would lose its line in silence. */
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
