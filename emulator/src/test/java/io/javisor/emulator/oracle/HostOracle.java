package io.javisor.emulator.oracle;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** The C program and the records that it shares with the test. */
final class HostOracle implements AutoCloseable {
    private final MemorySegment records;
    private final Process process;

    private HostOracle(MemorySegment records, Process process) {
        this.records = records;
        this.process = process;
    }

    /** Compiles and starts it, with room for {@code count} records. Files go to {@code directory}. */
    static HostOracle start(Path directory, int count) throws IOException, InterruptedException {
        Path source = directory.resolve("oracle.c");
        try (InputStream in = HostOracle.class.getResourceAsStream("oracle.c")) {
            Files.write(source, Objects.requireNonNull(in).readAllBytes());
        }
        Path program = directory.resolve("oracle");
        Process gcc = new ProcessBuilder("gcc", "-O2", "-o", program.toString(), source.toString())
                .inheritIO()
                .start();
        if (gcc.waitFor() != 0) {
            throw new IllegalStateException("gcc can't compile oracle.c");
        }
        Path file = directory.resolve("records");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = (long) count * OracleRecord.SIZE;
            MemorySegment records = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.ofAuto());
            Process process = new ProcessBuilder(program.toString(), file.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return new HostOracle(records, process);
        }
    }

    /** The record of that number. */
    MemorySegment record(int number) {
        return records.asSlice((long) number * OracleRecord.SIZE, OracleRecord.SIZE);
    }

    /** Runs the first {@code count} records. */
    void run(int count) throws IOException {
        byte[] request = {(byte) count, (byte) (count >> 8), (byte) (count >> 16), 0};
        process.getOutputStream().write(request);
        process.getOutputStream().flush();
        if (process.getInputStream().read() < 0) {
            int status = process.onExit().join().exitValue();
            throw new IllegalStateException("the oracle died, status " + status + ", at record " + last());
        }
    }

    /** The record that it was at: the first in which no result is. */
    private int last() {
        int number = 0;
        while ((long) (number + 1) * OracleRecord.SIZE < records.byteSize()
                && record(number).get(ValueLayout.JAVA_LONG, OracleRecord.OUT_RIP) != 0) {
            number++;
        }
        return number - 1;
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        // It ends at the end of its input; nothing is lost if it does not.
        process.destroy();
    }
}
