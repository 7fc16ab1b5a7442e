package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Bad input: one line on standard error, status 125, no stack trace. */
class RunCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run --memory 0 --kernel k               | too little",
                "run --memory -5M --kernel k             | not a memory size",
                "run --memory lots --kernel k            | not a memory size",
                "run --memory 512 --kernel k             | 512M",
                "run --memory 1K --kernel k              | at least 2M",
                "run --cpus 0 --kernel k                 | 1 to 254",
                "run --cpus 255 --kernel k               | 1 to 254",
                "run --cpus two --kernel k               | two",
                "run --cpu nonsense --kernel k           | nonsense",
                "run --cpu host,+avxx --kernel k         | avx",
                "run --boot-protocol elf --kernel k      | linux64, pvh",
                "run --memory-backing tape --kernel k    | tape",
                "run --memory-backing memfd,ksm=on --kernel k | ksm",
                "run --name a/b --kernel k               | machine name",
                "run --kernel /nonexistent/k --dry-run   | does not exist",
                "run --kernel / --dry-run                | is a directory",
                "run --json --kernel k                   | --dry-run",
                "run --kernle k                          | --kernel",
                "runn                                    | run",
                "run --kernel                            | --kernel",
                "run extra                               | extra"
            })
    void badInputIsOneLine(String arguments, String part) {
        assertEquals(125, run(arguments.strip().split(" +")));
        assertTrue(err.toString().startsWith("javisor: "), err::toString);
        assertTrue(err.toString().contains(part.strip()), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertEquals("", out.toString());
    }

    @Test
    void noCommandSaysWhatThereIs() {
        assertEquals(125, run());
        assertTrue(err.toString().contains("javisor run"), err::toString);
    }

    @ParameterizedTest
    @CsvSource({"--help", "run --help", "help run"})
    void helpIsEverywhere(String arguments) {
        assertEquals(0, run(arguments.split(" ")));
        assertTrue(out.toString().contains("Usage: javisor"), out::toString);
    }

    @Test
    void verboseShowsTheStackTrace() {
        assertEquals(
                125,
                run("--verbose", "run", "--kernel", directory.resolve("none").toString(), "--dry-run"));
        assertTrue(err.toString().contains("\tat "), err::toString);
    }

    @Test
    void helpNamesEveryExitStatus() {
        assertEquals(0, run("run", "--help"));
        for (String status : new String[] {"0 ", "N ", "124", "125", "126", "128+n"}) {
            assertTrue(out.toString().contains("  " + status), out::toString);
        }
        assertFalse(out.toString().contains("${"), out::toString);
    }

    private int run(String... arguments) {
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
