package io.javisor.emulator.oracle;

import io.javisor.emulator.state.Vectors;
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
import org.jspecify.annotations.Nullable;

/** The C program and the records that it shares with the test. */
final class HostOracle implements AutoCloseable {
    private static final int TRIES = 3;
    private static final int DOUBTS = 2000; // so that a fault of the engine's that is everywhere ends soon

    private final Path program;
    private final MemorySegment records;
    private final Process process;
    private int doubts;

    private HostOracle(Path program, int count) throws IOException {
        this.program = program;
        Path file = Files.createTempFile(program.getParent(), "records", "");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            records = channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) count * OracleRecord.SIZE, Arena.ofAuto());
        }
        process = new ProcessBuilder(program.toString(), file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
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
        return new HostOracle(program, count);
    }

    /**
     * What differs in the record of that number after {@code comparison}, or null. Some hypervisors carry out by software what touches a
     * page of theirs, and answer with #UD or #GP where they can't: such a fault counts if processes with pages of their own have it too.
     */
    @Nullable
    String compare(Comparison comparison, int number) throws IOException {
        MemorySegment record = record(number);
        String difference = comparison.compare(record);
        for (int i = 0; difference != null && i < TRIES && isDoubtful(record) && doubts < DOUBTS; i++) {
            doubts++;
            try (HostOracle other = new HostOracle(program, 1)) {
                other.record(0).copyFrom(record);
                other.run(1);
                record.copyFrom(other.record(0));
            }
            difference = comparison.compare(record);
        }
        return difference;
    }

    private static boolean isDoubtful(MemorySegment record) {
        long trap = record.get(ValueLayout.JAVA_LONG, OracleRecord.TRAP);
        return trap == Vectors.UD || trap == Vectors.GP;
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
