package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code lab/kvm-host} says when it can't begin: one line each. CI is where it runs. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class KvmHostScriptIT {
    private static final Path LAB = Checkout.DIRECTORY.resolve("lab");

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                    | no command",
                "--time-limit          | --time-limit needs a value",
                "--time-limit 0 true   | --time-limit takes a number from 1 to 999999, not '0'",
                "--cpus two true       | --cpus takes a number",
                "--memory 4 true       | --memory takes a size such as 4G",
                "--share /proc/x true  | --share takes a directory that can be written, not '/proc/x'",
                "--fast true           | no option --fast",
            })
    void badOptionsAreNamed(String arguments, String complaint) throws Exception {
        List<String> command = new ArrayList<>(List.of(LAB.resolve("kvm-host").toString()));
        if (!arguments.isEmpty()) {
            command.addAll(List.of(arguments.split(" ", -1)));
        }
        Program.run(command).assertFailed(125, "kvm-host: ", complaint);
    }

    @ParameterizedTest
    @CsvSource({
        "kvm-host true, no qemu-system-x86_64; run: sudo apt-get install, qemu-system-x86 busybox-static cpio kmod",
        "linux linux-image-amd64 /init tun, no busybox; run: sudo apt-get install, busybox-static",
    })
    void aMissingToolIsNamedWithItsPackage(String script, String complaint, String packages) throws Exception {
        Path tools = Files.createDirectory(directory.resolve("bin"));
        for (String tool : List.of("bash", "dirname", "readlink", "sed")) {
            Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin", tool));
        }
        List<String> words = List.of(script.split(" ", -1));
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/env",
                "PATH=" + tools,
                "bash",
                LAB.resolve(words.getFirst()).toString()));
        command.addAll(words.subList(1, words.size()));
        Program.run(command).assertFailed(125, complaint, packages);
    }

    /** Its outputs are pipes that nobody has opened then. */
    @Test
    void aQemuThatDoesNotStartIsNotWaitedFor() throws Exception {
        Path lab = Files.createDirectory(directory.resolve("lab"));
        Files.copy(LAB.resolve("kvm-host"), lab.resolve("kvm-host"), StandardCopyOption.COPY_ATTRIBUTES);
        script(lab.resolve("linux"), "echo " + lab);
        script(lab.resolve("qemu-system-x86_64"), "echo no luck; exit 1");
        Path temporary = Files.createDirectory(directory.resolve("temporary"));
        Program.Result result = Program.run(
                "/usr/bin/env",
                "PATH=" + lab + ":" + System.getenv("PATH"),
                "TMPDIR=" + temporary,
                lab.resolve("kvm-host").toString(),
                "true");
        assertEquals(125, result.status(), result::toString);
        assertTrue(result.err().contains("no luck"), result::toString);
        assertTrue(result.err().endsWith("ended before the command did; its last words are above\n"), result::toString);
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }

    private static void script(Path file, String text) throws IOException {
        assertTrue(Files.writeString(file, "#!/bin/sh\n" + text + "\n").toFile().setExecutable(true));
    }

    @Test
    void aCacheThatCannotBeMadeIsNamed() throws Exception {
        Program.run(
                        "/usr/bin/env",
                        "XDG_CACHE_HOME=/proc/none",
                        LAB.resolve("linux").toString(),
                        "linux-image-amd64",
                        LAB.resolve("kvm-host-init").toString(),
                        "tun")
                .assertFailed(125, "linux: cannot make /proc/none/javisor/lab", "set XDG_CACHE_HOME");
    }

    @Test
    void withoutAHomeThereIsNoPlaceForAKernel() throws Exception {
        Program.run(
                        "/usr/bin/env",
                        "-u",
                        "HOME",
                        "-u",
                        "XDG_CACHE_HOME",
                        LAB.resolve("linux").toString(),
                        "linux-image-amd64",
                        "/init",
                        "tun")
                .assertFailed(125, "neither HOME nor XDG_CACHE_HOME is set");
    }
}
