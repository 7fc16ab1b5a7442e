package io.javisor.oci.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewFileTest {
    @TempDir
    private Path directory = Path.of("");

    private List<String> listed() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    /** Makes one file, begins another and waits to be ended. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            try (NewFile whole = NewFile.create(directory.resolve("whole"), NewFile.PRIVATE)) {
                whole.stream().write(1);
                whole.replace();
            }
            try (NewFile half = NewFile.create(directory.resolve("half"), NewFile.PRIVATE)) {
                half.stream().write(1);
                System.out.println("begun");
                System.out.flush();
                new CountDownLatch(1).await();
            }
        }
    }

    @Test
    void aProcessThatIsToldToEndLeavesNothingUnfinished() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("begun", out.readLine());
            assertEquals(2, listed().size(), "there is one to be removed");
            process.destroy(); // SIGTERM
            int _ = process.waitFor();
            assertEquals(List.of("whole"), listed());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
