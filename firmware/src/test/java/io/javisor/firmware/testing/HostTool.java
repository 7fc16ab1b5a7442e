package io.javisor.firmware.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Programs of Debian's that tests compare with. */
public final class HostTool {
    private HostTool() {}

    /** Skips the test where the program is not installed, or fails it where {@code CI=true}. */
    public static void require(String program, String debianPackage) {
        boolean found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, program)));
        String message = program + " is not there: install " + debianPackage;
        if (!found && "true".equals(System.getenv("CI"))) {
            fail(message);
        }
        assumeTrue(found, message);
    }
}
